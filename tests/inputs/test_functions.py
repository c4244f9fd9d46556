"""A user's function is found by its name, or one sentence says why not."""

import os
import sys

import pytest

from dbench.errors import InputError
from dbench.inputs import functions


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A current folder with modules of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)  # taken off the path again afterwards
    (tmp_path / "mine_a.py").write_text(
        "def encode(x): return 1\nclass Net:\n  f = encode\nsize = 3"
    )
    (tmp_path / "mine_b.py").write_text("def encode(x):\n  return (")
    (tmp_path / "mine_c.py").write_text("import not_there_at_all")
    (tmp_path / "mine_d.py").write_text("raise SystemExit(1)")
    (tmp_path / "mine_e.py").write_text("def __getattr__(name): raise SystemExit(name)")
    (tmp_path / "mine_f.py").write_text(
        "class Odd:\n  def __getattr__(self, name): raise SystemExit(name)\nodd = Odd()"
    )
    (tmp_path / "mine_g.py").write_text(
        "class Bad(Exception):\n  def __str__(self): raise SystemExit(2)\nraise Bad"
    )
    (tmp_path / "mine_i.py").write_text("import os\nos._exit(0)")
    (tmp_path / "mine_h.py").write_text("class End(BaseException): pass\nraise End('here')")


def test_a_function_of_the_current_folder(here):
    assert functions.find("mine_a:encode")(None) == 1
    assert functions.find("mine_a:Net.f")(None) == 1


def test_a_module_that_is_newer_than_what_python_knows_of_the_folder(here, tmp_path):
    """Python looks at the folder's time, which on some disks changes once a second."""
    with pytest.raises(InputError, match="no module 'mine_new'"):
        functions.find("mine_new:encode")
    known = tmp_path.stat()
    (tmp_path / "mine_new.py").write_text("def encode(x): return 2")
    os.utime(tmp_path, ns=(known.st_atime_ns, known.st_mtime_ns))
    assert functions.find("mine_new:encode")(None) == 2


def test_streams_of_a_command_are_its_own(here):
    """What code of the user's puts in their place does not take the sentence."""
    before = sys.stdin, sys.stdout, sys.stderr
    with functions.guard("mine"):
        sys.stdin = sys.stdout = sys.stderr = None
    assert (sys.stdin, sys.stdout, sys.stderr) == before


@pytest.mark.slow
def test_what_is_forked_may_end_by_os_exit():
    """As worker processes do."""
    real = os._exit
    with functions.guard("mine"), functions.guard("again"):
        child = os.fork()
        if not child:
            os._exit(7)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    assert os._exit is real


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ("mine_a", "'mine_a' is not module:function"),
        ("mine_a.py:encode", "there is no module 'mine_a.py'"),
        ("./mine_a.py:encode", "is not module:function"),
        (":encode", "is not module:function"),
        ("mine_x:encode", "there is no module 'mine_x' in .* or among installed packages"),
        ("mine_x.y:encode", "there is no module 'mine_x'"),
        ("mine_a:encod", r"mine_a has no 'encod' \(it defines: encode, Net\)"),
        ("mine_a:size", "mine_a:size is no function but of type int"),
        ("mine_b:encode", "importing mine_b raised SyntaxError: .*mine_b.py, line 2.$"),
        ("mine_c:encode", "importing mine_c raised ModuleNotFoundError: .*not_there_at_all"),
        ("mine_d:encode", "importing mine_d raised SystemExit: 1"),
        ("mine_e:encode", "looking for 'encode' in mine_e raised SystemExit: encode"),
        ("mine_f:odd.encode", "looking for 'odd.encode' in mine_f raised SystemExit: encode"),
        ("mine_f:other", r"mine_f has no 'other' \(it defines: Odd, odd\)"),
        ("mine_f:odd", "mine_f:odd is no function but of type Odd"),
        ("mine_g:encode", "importing mine_g raised Bad: .it cannot be printed."),
        ("mine_i:encode", r"importing mine_i raised SystemExit: os._exit\(0\) .mine_i.py, line 2"),
        ("mine_h:encode", "importing mine_h raised End: here .mine_h.py, line 2"),
    ],
)
def test_functions_that_cannot_be_found(here, spec, said):
    with pytest.raises(InputError, match=said) as caught:
        functions.find(spec)
    assert "\n" not in str(caught.value)
