"""The Dockerfile, the compose file and what they are made from."""

from __future__ import annotations

import ast
import os
import re
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from assistant.settings import PREFIX, Settings, load_settings
from tests.infra.tools import INFRA, ROOT, passes, run, tool

pytestmark = pytest.mark.timeout(900)  # commands of the whole assistant run, on a machine that may have other work
DOCKERFILE = (INFRA / "docker" / "Dockerfile").read_text(encoding="utf-8")
SERVICES = {"postgres", "qdrant", "valkey", "api", "worker", "ui", "vllm"}


def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((INFRA / "compose.yaml").read_text(encoding="utf-8"))
    return loaded


def test_hadolint_finds_nothing() -> None:
    assert passes(tool("hadolint"), INFRA / "docker" / "Dockerfile") == ""


def test_the_targets_run_as_nobody_in_particular_and_say_whether_they_are_well() -> None:
    stages = dict(re.findall(r"^FROM \S+ AS (\S+)\n(.*?)(?=^FROM |\Z)", DOCKERFILE, flags=re.MULTILINE | re.DOTALL))
    assert {"api", "worker", "ui"} <= stages.keys()
    assert "FROM api AS worker" in DOCKERFILE  # whose user it has
    for target in ("api", "ui"):
        assert "USER 10001:10001" in stages[target]
    for target in ("api", "worker", "ui"):
        assert "HEALTHCHECK" in stages[target]
        assert "CMD [" in stages[target]
    assert "pip install" not in stages["api"] + stages["ui"]  # what builds stays behind


def test_what_is_copied_is_sent_to_the_builder_and_nothing_else() -> None:
    copied = set()
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, flags=re.MULTILINE):
        copied |= set(line.split()[:-1])
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert lines[1] == "*"
    assert copied == {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert all((ROOT / path).exists() for path in copied)


def test_the_requirements_are_those_of_the_project() -> None:
    script = INFRA / "docker" / "requirements.py"
    everything = passes("python3", script, "postgres,redis").splitlines()
    assert any(line.startswith("pg8000") for line in everything)
    assert any(line.startswith("redis") for line in everything)
    assert len(everything) == len(set(everything)) > 50
    assert not [line for line in everything if line.startswith(("streamlit", "altair", "torch"))]
    assert any(line.startswith("torch") for line in passes("python3", script, "torch").splitlines())
    unknown = run("python3", script, "nothing")
    assert (unknown.returncode, unknown.stdout) == (2, "pyproject.toml has no extra 'nothing'\n")


TRACING = {"tracing.py", "sending.py"}  # which a process imports that traces, and the UI does not


def test_the_uis_image_has_all_that_it_imports() -> None:
    listed = passes("python3", INFRA / "docker" / "requirements.py", "--ui").split()
    packages = {re.split(r"[^A-Za-z0-9._-]", line)[0].replace("-", "_") for line in listed}
    packages = {"markdown_it" if name == "markdown_it_py" else name for name in packages}
    house = [ROOT / "assistant" / name for name in ("settings.py", "model_settings.py", "errors.py")]
    telemetry = [file for file in (ROOT / "assistant" / "telemetry").rglob("*.py") if file.name not in TRACING]
    files = [*(ROOT / "ui").rglob("*.py"), *telemetry, *house]
    imported = {name for file in files for name in _imports(file)}
    others = {name for name in imported if name not in sys.stdlib_module_names} - {"assistant", "ui"}
    assert others == packages


def _imports(file: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The interpreters of environments with what the images of API and UI install, and nothing else."""
    folder = tmp_path_factory.mktemp("layers")
    for target in ("api", "ui"):
        passes(sys.executable, INFRA / "docker" / "layers.py", folder / target, target)
    return {target: folder / target / "bin" / "python" for target in ("api", "ui")}


IMPORTS_ALL = """
import importlib, pkgutil, sys
import {packages}
for package in ({packages},):
    for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
        if not module.name.endswith("__main__") and not module.name.startswith({left_out}):
            importlib.import_module(module.name)
print(sorted({{name.partition(".")[0] for name in sys.modules}} & {{"torch", "pandas", "streamlit", "sqlalchemy"}}))
"""


def test_the_images_hold_what_every_module_imports(layers: dict[str, Path], tmp_path: Path) -> None:
    api = IMPORTS_ALL.format(
        packages="assistant, plugins, workers", left_out=("workers.main", "assistant.catalog.migrations")
    )
    assert passes(layers["api"], "-c", api, folder=tmp_path).splitlines()[-1] == "['sqlalchemy']"
    scripts = ("ui.app", "ui.served", "ui.pages")  # to import one is to run it; what they import is in the others
    ui = IMPORTS_ALL.format(packages="ui", left_out=scripts)
    assert passes(layers["ui"], "-c", ui, folder=tmp_path).splitlines()[-1].endswith("'streamlit']")


def test_the_images_leave_out_what_they_do_not_need(layers: dict[str, Path]) -> None:
    absent = "import importlib.util as u, sys; print([name for name in sys.argv[1:] if u.find_spec(name)])"
    left_out = {"api": ("torch", "streamlit", "pandas", "pyarrow"), "ui": ("torch", "sqlalchemy", "qdrant_edge", "cv2")}
    for target, names in left_out.items():
        assert passes(layers[target], "-c", absent, *names) == "[]\n"


def test_an_image_without_torch_says_what_another_embedder_takes(layers: dict[str, Path], tmp_path: Path) -> None:
    code = (
        "from assistant.adapters.embedder_sentence_transformers import load_sentence_transformers_embedder as load\n"
        "from assistant.errors import EmbedderError\n"
        "try:\n    load('some/model', '')\nexcept EmbedderError as error:\n    print(error.hint)"
    )
    assert "make up EXTRAS=torch" in passes(layers["api"], "-c", code, folder=tmp_path)


def test_the_default_embedder_works_without_torch(layers: dict[str, Path], tmp_path: Path) -> None:
    code = (
        "from assistant.app import build\n"
        "from assistant.settings import load_settings\n"
        "with build(load_settings()) as app:\n    print(app.embedder.embed_query('When does the gym open?').shape)"
    )
    assert passes(layers["api"], "-c", code, folder=tmp_path).splitlines()[-1] == "(384,)"


def test_docker_compose_takes_the_file() -> None:
    docker_compose = tool("docker-compose")
    for options, services in (((), SERVICES - {"vllm"}), (("--profile", "vllm"), SERVICES)):
        shown = passes(docker_compose, "-f", INFRA / "compose.yaml", *options, "config", "--services")
        assert set(shown.split()) == services


def test_every_container_is_shut_in() -> None:
    services = compose()["services"]
    assert services.keys() == SERVICES
    assert len(services) <= 7
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert "healthcheck" in service or name in {"api", "worker", "ui"}, name  # those have the image's
        assert "privileged" not in service, name
    for name in ("postgres", "qdrant", "valkey", "vllm"):
        assert services[name]["networks"] == ["inside"], f"{name} has a way out"
        assert "ports" not in services[name]
    assert compose()["networks"]["inside"] == {"internal": True}
    for name in ("api", "ui"):
        assert all(port.startswith("${BIND:-127.0.0.1}:") for port in services[name]["ports"])


def test_a_worker_whose_beat_is_gone_or_hangs_is_not_healthy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    worker = compose()["services"]["worker"]
    schedule = Path(worker["command"].split(" --beat --schedule ")[1].split()[0])
    kind, check = worker["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    worker_lives, folder = tmp_path / "python", tmp_path / "tmp"
    folder.mkdir()
    sign = folder / f"{schedule.name}.alive"  # as `ElectedScheduler` names it

    def is_healthy(lives: str = "exit 0") -> bool:
        worker_lives.write_text(f'#!/bin/sh\n[ "$*" = "-m workers.alive" ] || exit 9\n{lives}\n')
        worker_lives.chmod(0o755)
        return run("sh", "-c", check.replace(str(schedule.parent), str(folder))).returncode == 0

    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert not is_healthy(), "no beat has begun"
    sign.touch()
    assert is_healthy()
    assert not is_healthy("exit 1"), "the beat lives, the worker does not"
    long_ago = time.time() - 400
    os.utime(sign, (long_ago, long_ago))
    assert not is_healthy(), "the beat has ended, or hangs"


def test_no_secret_stands_in_the_compose_file(tmp_path: Path) -> None:
    text = (INFRA / "compose.yaml").read_text(encoding="utf-8")
    for name in ("catalog_url", "broker_url", "secret_key", "qdrant_api_key", "model_api_key"):
        assert f"{PREFIX}{name.upper()}" not in text
    secrets = compose()["secrets"]
    folder = tmp_path / "secrets"
    passes(INFRA / "secrets.sh", folder)
    assert {Path(secret["file"]).name for secret in secrets.values()} == {file.name for file in folder.iterdir()}


def test_the_secrets_are_made_once_and_are_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    passes(INFRA / "secrets.sh", folder)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    again = run(INFRA / "secrets.sh", folder)
    assert again.returncode == 1
    assert "is there already" in again.stdout
    monkeypatch.setenv(f"{PREFIX}CONFIG", str(folder / "assistant.toml"))
    settings = load_settings()
    password = (folder / "postgres_password").read_text(encoding="utf-8")
    assert f":{password}@postgres/" in settings.catalog_url
    assert settings.broker_url.startswith("redis://:")
    from assistant.catalog import Keyring

    keyring = Keyring(tmp_path / "none", settings.secret_key.get_secret_value())
    assert keyring.decrypt(keyring.encrypt(b"abc")) == b"abc"


def test_every_setting_is_in_the_example_of_variables() -> None:
    text = (INFRA / ".env.example").read_text(encoding="utf-8")
    named = re.findall(rf"^# {PREFIX}([A-Z0-9_]+)=", text, flags=re.MULTILINE)
    assert named == [name.upper() for name in Settings.model_fields]
    assert not re.findall(r"^[^#\n]", text, flags=re.MULTILINE)  # nothing is set by copying it
    of_compose = set(re.findall(r"\$\{([A-Z0-9_]+):", (INFRA / "compose.yaml").read_text(encoding="utf-8")))
    documented = set(re.findall(r"^# ([A-Z0-9_]+)=", text, flags=re.MULTILINE))
    assert of_compose <= documented


@pytest.mark.parametrize("script", ["prove.sh", "start_image.sh", "slim.sh"])
def test_the_proof_tells_wrong_use(script: str) -> None:
    done = run(INFRA / "docker" / script)
    assert done.returncode != 0
    assert "usage:" in done.stdout


def test_the_shell_scripts_have_no_known_mistakes() -> None:
    shellcheck = tool("shellcheck")
    passes(shellcheck, "--severity=warning", *sorted(INFRA.rglob("*.sh")), ROOT / ".ci" / "run")


def test_a_version_has_its_images_so_that_one_can_go_back_to_it() -> None:
    import assistant

    services = compose()["services"]
    for part in ("api", "worker", "ui"):
        tag = f"${{TAG:-{assistant.__version__}}}"
        assert services[part]["image"] == f"${{{part.upper()}_IMAGE:-assistant-{part}:{tag}}}"
    example = (INFRA / ".env.example").read_text(encoding="utf-8")
    assert f"# TAG={assistant.__version__}\n" in example


def test_a_worker_may_finish_the_document_at_hand() -> None:
    chart = (INFRA / "helm" / "assistant" / "templates" / "workers.yaml").read_text(encoding="utf-8")
    grace = compose()["services"]["worker"]["stop_grace_period"].removesuffix("s")
    assert int(grace) > Settings.model_fields["parse_seconds"].default
    assert f"terminationGracePeriodSeconds: {grace} " in chart
