"""`dbench imagine` and `dbench describe`: what is refused before any work."""


def test_words_and_an_image_must_be_given(tmp_path, refused):
    assert 'say what to imagine, as "red wall AND hat"' in refused(
        "imagine", "--checkpoint", tmp_path
    )
    for given in ((), ("--row", 1, "--image", "a.png")):
        said = refused("describe", "--checkpoint", tmp_path, *given)
        assert "give an image: either --image FILE or --row N" in said


def test_a_folder_that_is_no_run(tmp_path, refused):
    output = ("--output", tmp_path / "sheet.png")
    said = refused("imagine", "hat", "--checkpoint", tmp_path / "none", *output)
    assert "there is no checkpoint folder" in said
    assert "is no checkpoint" in refused("describe", "--row", 1, "--checkpoint", tmp_path)
    assert not list(tmp_path.iterdir())
