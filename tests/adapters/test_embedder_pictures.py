"""The picture embedder: the contract with a tiny random CLIP model, other kinds of models, decoding, errors."""

from __future__ import annotations

import json
import shutil
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from assistant.adapters import embedder_pictures, pixels
from assistant.adapters.embedder_pictures import load_picture_embedder
from assistant.errors import DamagedDocumentError, EmbedderError
from assistant.interfaces import PictureEmbedder
from tests.adapters.tiny_pictures import make_clip, make_siglip
from tests.contracts.picture_embedder_contract import PictureEmbedderContract, picture


@pytest.fixture(scope="module")
def clip_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("models") / "tiny-clip")


@pytest.fixture(scope="module")
def clip(clip_folder: Path) -> PictureEmbedder:
    return load_picture_embedder(str(clip_folder), "cpu")


class TestClip(PictureEmbedderContract):
    @pytest.fixture
    def embedder(self, clip: PictureEmbedder) -> PictureEmbedder:
        return clip


def test_the_name_says_which_weights(clip: PictureEmbedder, clip_folder: Path, tmp_path: Path) -> None:
    assert clip.name.startswith("tiny-clip@")
    assert clip.name.endswith("/fp32")
    assert clip.dimension == 24
    other = load_picture_embedder(str(make_clip(tmp_path / "tiny-clip", seed=1)), "cpu")
    assert other.name != clip.name
    copied = shutil.copytree(clip_folder, tmp_path / "elsewhere" / "tiny-clip")
    assert load_picture_embedder(str(copied), "cpu").name == clip.name


def test_vectors_are_those_of_the_model_itself(clip: PictureEmbedder, clip_folder: Path) -> None:
    import torch
    from transformers import CLIPModel, CLIPProcessor

    model, processor = CLIPModel.from_pretrained(clip_folder), CLIPProcessor.from_pretrained(clip_folder)
    image = Image.open(BytesIO(picture("blue")))
    with torch.no_grad():
        shown = model.get_image_features(**processor(images=image, return_tensors="pt")).pooler_output[0].numpy()
        said = model.get_text_features(**processor(text="sea", return_tensors="pt")).pooler_output[0].numpy()
    assert clip.embed_pictures([picture("blue")])[0] @ shown / np.linalg.norm(shown) == pytest.approx(1, abs=1e-4)
    assert clip.embed_query("sea") @ said / np.linalg.norm(said) == pytest.approx(1, abs=1e-4)


def test_a_model_as_sentence_transformers_used_to_save_clip(
    clip: PictureEmbedder, clip_folder: Path, tmp_path: Path
) -> None:
    """The layout of `clip-ViT-B-32`: the model in `0_CLIPModel`, named by a class of earlier versions."""
    folder = tmp_path / "old"
    shutil.copytree(clip_folder, folder / "0_CLIPModel")
    module = {"idx": 0, "name": "0", "path": "0_CLIPModel", "type": "sentence_transformers.models.CLIPModel"}
    (folder / "modules.json").write_text(json.dumps([module]))
    old = load_picture_embedder(str(folder), "cpu")
    assert old.embed_query("sea") @ clip.embed_query("sea") == pytest.approx(1, abs=1e-5)
    assert np.allclose(old.embed_pictures([picture()]), clip.embed_pictures([picture()]), atol=1e-5)


def test_siglip_reads_texts_as_it_was_trained_to(tmp_path: Path) -> None:
    import torch
    from transformers import SiglipModel, SiglipProcessor

    folder = make_siglip(tmp_path / "tiny-siglip")
    embedder = load_picture_embedder(str(folder), "cpu")
    given = SiglipProcessor.from_pretrained(folder)(text=["sea"], padding="max_length", return_tensors="pt")
    with torch.no_grad():
        said = SiglipModel.from_pretrained(folder).get_text_features(**given).pooler_output[0].numpy()
    assert embedder.embed_query("sea") @ said / np.linalg.norm(said) == pytest.approx(1, abs=1e-5)
    assert embedder.embed_pictures([picture(), picture("blue")]).shape == (2, 32)
    assert np.isfinite(embedder.embed_query("sea tree " * 300)).all()


def test_a_model_of_texts_alone_is_refused(tiny_model: Path) -> None:
    with pytest.raises(EmbedderError, match="both pictures and texts") as caught:
        load_picture_embedder(str(tiny_model), "cpu")
    assert "picture_embedder" in caught.value.hint


def test_what_cannot_be_loaded_names_its_own_setting(tmp_path: Path) -> None:
    with pytest.raises(EmbedderError, match="no model folder") as caught:
        load_picture_embedder("/no/such/folder", "cpu")
    assert "`picture_embedder`" in caught.value.hint
    with pytest.raises(EmbedderError, match="cannot be loaded") as caught:
        load_picture_embedder(str(tmp_path), "cpu")
    assert "`picture_embedder`" in caught.value.hint
    assert "\n" not in str(caught.value)


def test_loading_writes_nothing_on_standard_error(clip_folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    load_picture_embedder(str(clip_folder), "cpu").embed_pictures([picture()])
    assert capfd.readouterr().err == ""


def encoded(image: Image.Image, kind: str = "PNG", **more: object) -> bytes:
    target = BytesIO()
    image.save(target, kind, **more)
    return target.getvalue()


def alike(embedder: PictureEmbedder, *pictures: bytes) -> float:
    one, other = embedder.embed_pictures(pictures)
    return float(one @ other)


def test_what_is_transparent_is_white(clip: PictureEmbedder) -> None:
    drawn = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    drawn.paste((0, 0, 0, 255), (20, 20, 40, 40))
    seen = Image.new("RGB", (64, 64), "white")
    seen.paste("black", (20, 20, 40, 40))
    assert alike(clip, encoded(drawn), encoded(seen)) > 0.9999
    palette = seen.convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))
    assert alike(clip, encoded(palette, transparency=palette.getpixel((0, 0))), encoded(seen)) > 0.9999


def test_sixteen_bits_are_not_cut_off(clip: PictureEmbedder) -> None:
    ramp = np.tile(np.linspace(0, 65535, 64, dtype=np.uint16), (64, 1))
    deep, plain = Image.fromarray(ramp), Image.fromarray((ramp // 256).astype(np.uint8))
    assert alike(clip, encoded(deep), encoded(plain)) > 0.9999
    assert alike(clip, encoded(deep, "TIFF"), encoded(plain)) > 0.9999


def test_a_photograph_is_seen_upright(clip: PictureEmbedder) -> None:
    upright = Image.open(BytesIO(picture("blue", (64, 64))))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: to be shown rotated by 90 degrees
    turned = encoded(upright.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif, quality=95)
    assert alike(clip, turned, encoded(upright)) > 0.99


def test_large_pictures_are_shrunk_and_larger_ones_refused(
    clip: PictureEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    large = Image.new("RGB", (5000, 4000), "blue")
    large.paste("white", (0, 2000, 5000, 4000))
    small = large.resize((500, 400))
    for kind in ("PNG", "JPEG"):
        assert alike(clip, encoded(large, kind), encoded(small, kind)) > 0.99
    monkeypatch.setattr(pixels, "MAX_PIXELS", 10_000_000)
    with pytest.raises(DamagedDocumentError, match="10,000,000 pixels"):
        clip.embed_pictures([encoded(large)])
    clip.embed_pictures([encoded(large, "JPEG")])  # is never decoded in full


def test_a_thin_line_does_not_fill_the_memory() -> None:
    for size in ((1, 9000), (9000, 1)):
        image = embedder_pictures._shaped(pixels.decoded(encoded(Image.new("L", size)), 1024))
        assert max(image.size) <= 1024
        assert max(image.size) <= 4.2 * min(image.size)
