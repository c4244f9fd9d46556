"""What a page shows of an output against what is printed."""

import re

NUMBER = re.compile(r"\d+\.?\d*|\.\d+")


def difference(shown: str, printed: str) -> str | None:
    """Words must be the same, numbers too, but for one unit of the last digit shown."""
    words = [NUMBER.sub("#", " ".join(text.split())) for text in (shown, printed)]
    if words[0] != words[1]:
        return f"the page shows\n{shown}\nand printed is\n{printed}"
    for said, got in zip(NUMBER.findall(shown), NUMBER.findall(printed), strict=True):
        unit = 10.0 ** -len(said.partition(".")[2])
        if said != got and abs(float(said) - float(got)) > 1.01 * unit:
            return f"the page shows {said}, and printed is {got}, in\n{printed}"
    return None
