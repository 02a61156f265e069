"""What happens to documents, people and groups: each change is made in the house and in the model of it."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from assistant.catalog.models_people import OpeningRow
from assistant.evaluation.results import Item, QueryResult
from assistant.ingest.editing import edit_source
from assistant.types import LOCAL_OPERATOR, Access, document_id
from tests.access.house import COMMON, FILES, TOLD, House
from tests.access.oracle import Identity, Oracle, Person, Readers, numbers_in, word
from tests.access.paths import red_address
from tests.fakes.model_scripts import Asked

GROUPS = ("g0", "g1", "g2", "g3", "g4")
FOLDERS = ("a", "b", "b/c")
KINDS = ("md", "md", "txt", "csv", "zip")
ROLES = {"ann": "employee", "bob": "employee", "cat": "admin", "dan": "auditor", "eve": "employee"}
Rule = tuple[str, tuple[str, ...], tuple[str, ...]]  # folder, readers, denied


def principals(names: Sequence[str]) -> frozenset[str]:
    """Return names as documents have them."""
    return frozenset(name if name.startswith("user:") else f"group:{name}" for name in names)


@dataclass
class Stream:
    """An answer that is held open: who follows it, and what the follower has got when it is over."""

    person: Person
    seen_at_first: set[int]
    thread: threading.Thread
    talk: str
    got: list[str] = field(default_factory=list)


class World:
    """See the module.

    Args:
        house: the real one.
    """

    def __init__(self, house: House) -> None:
        self.house, self.oracle = house, Oracle()
        self.count = 0
        self.files: dict[str, set[int]] = {}  # as they are in the folder
        self.told: dict[str, tuple[set[int], Readers]] = {}
        self.uploads: dict[Identity, tuple[set[int], Readers]] = {}
        self.default: tuple[str, ...] = ("everyone",)
        self.rules: list[Rule] = []
        self.gone: list[Identity] = [(FILES, "a/never.md")]
        self.stream: Stream | None = None
        for number, (name, role) in enumerate(ROLES.items()):
            groups = {GROUPS[number % len(GROUPS)]}
            token = house.add_person(name, role, sorted(groups))
            self.oracle.people[name] = Person(name, role, groups, token=token)
        self.people = list(self.oracle.people.values())

    def _word(self) -> int:
        self.count += 1
        return self.count

    # Documents

    def _content(self, kind: str) -> tuple[bytes, set[int]]:
        """Return another document of a kind, and the numbers of its words."""
        number = self._word()
        others = " ".join(f"w{number * 31 + at}" for at in range(12))  # so that no two documents are alike
        said = f"The {COMMON} code is {word(number)}. {others}."
        if kind == "csv":
            return f"what,code\n{COMMON},{word(number)}\n{COMMON} two,{word(number)}\n".encode(), {number}
        if kind == "zip":
            file, inner = io.BytesIO(), self._word()
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr(f"{word(inner)}.txt", f"1. Term\n{said} Nobody may change it. More words follow.\n")
            return file.getvalue(), {number, inner}
        if kind == "txt":
            return f"{said} Nobody may change it before the year ends. {number} words follow here.\n".encode(), {number}
        picture = f"\n\n![a red {word(number)}]({red_address()})\n" if number % 3 == 0 else "\n"
        text = f"# {COMMON} {word(number)}\n\n{said} The supplier shall deliver {number} parts.{picture}"
        return text.encode(), {number}

    def _key(self, folder: str, kind: str) -> tuple[str, int]:
        number = self._word()
        return f"{folder}/{word(number)}.{kind}", number

    def add_file(self, folder: str, kind: str) -> None:
        key, number = self._key(folder, kind)
        self._write(key, number)

    def _write(self, key: str, key_number: int) -> None:
        data, numbers = self._content(key.rpartition(".")[2])
        path = self.house.files / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        self.files[key] = {key_number, *numbers}

    def change_file(self, key: str) -> None:
        self._write(key, min(numbers_in(key)))

    def move_file(self, key: str, folder: str) -> None:
        other, number = self._key(folder, key.rpartition(".")[2])
        path = self.house.files / other
        path.parent.mkdir(parents=True, exist_ok=True)
        (self.house.files / key).rename(path)
        self.files[other] = {number, *(self.files.pop(key) - numbers_in(key))}

    def remove_file(self, key: str) -> None:
        (self.house.files / key).unlink()
        del self.files[key]

    def tell(self, key: str | None, readers: Readers, *, new_text: bool) -> None:
        """Put a document, or another version or other readers of one, into the source that says its readers."""
        numbers, _ = self.told.get(key or "", (set(), readers))
        if key is None or new_text:
            key, number = (key, min(numbers_in(key))) if key else self._key("t", "txt")
            data, words = self._content("txt")
            self.house.source.texts[key] = data.decode()
            numbers = {number, *words}
        self.house.source.access[key] = Access(readers.allow, readers.deny)
        self.told[key] = (numbers, readers)

    def remove_told(self, key: str) -> None:
        del self.told[key], self.house.source.texts[key], self.house.source.access[key]

    def set_rules(self, default: tuple[str, ...], rules: list[Rule]) -> None:
        """Change the admin's rules: what they take away is gone at once, what they give comes with the next sync."""
        readers = {
            "default": list(default),
            "rules": [{"glob": f"{f}/**", "readers": list(r), "deny": list(d)} for f, r, d in rules],
        }
        edit_source(self.house.app.catalog, self.house.app.registry, FILES, {"readers": readers})
        self.default, self.rules = default, rules
        for (source, key), held in self.oracle.held.items():
            if source == FILES:
                now = self._by_rule(key)
                if not held.readers.allow <= now.allow or not now.deny <= held.readers.deny:
                    held.readers = Readers(held.readers.allow & now.allow, held.readers.deny | now.deny)

    def _by_rule(self, key: str) -> Readers:
        readers, denied = self.default, ()
        for folder, allowed, refused in self.rules:
            if key.startswith(f"{folder}/"):
                readers, denied = allowed, refused
        return Readers(principals(readers), principals(denied))

    def sync(self, source: str) -> None:
        """Let the house take up what a source holds now."""
        self.house.sync(source)
        wanted: dict[str, tuple[set[int], Readers]] = {}
        if source == FILES:
            wanted = {key: (numbers, self._by_rule(key)) for key, numbers in self.files.items()}
        elif source == TOLD:
            wanted = dict(self.told)
        else:
            wanted = {key: one for (of, key), one in self.uploads.items() if of == source}
        for identity in [one for one in self.oracle.held if one[0] == source]:
            del self.oracle.held[identity]
            self.gone.append(identity)
        for key, (numbers, readers) in wanted.items():
            self._hold((source, key), numbers, readers)

    def _hold(self, identity: Identity, numbers: set[int], readers: Readers) -> None:
        source, key = identity
        self.oracle.put(identity, numbers, readers)
        if key.endswith(".zip"):  # what it holds is a document of its own with the same readers
            for info in self.house.app.library.documents(LOCAL_OPERATOR, [source]):
                if info.ref.key.startswith(f"{key}!/"):
                    self.oracle.put((source, info.ref.key), numbers, readers)

    # What people bring

    def upload(self, person: Person, name: str, readers: Sequence[str]) -> None:
        number = self._word()
        text = f"The {COMMON} code is {word(number)}. It was brought by hand on day {number} of w{number * 31}.\n"
        with self.house.signed_in(person.token):
            files = [("files", (name, text.encode(), "text/plain"))]
            sent = self.house.client.post("/api/uploads", files=files, data={"readers": ",".join(readers)})
        if person.is_out:
            assert sent.status_code == 401
            return
        assert sent.status_code == 201, sent.text
        self._shared(person, name, {number, *numbers_in(name)}, readers)

    def share_upload(self, identity: Identity, readers: Sequence[str]) -> None:
        person = self.owner(identity)
        with self.house.signed_in(person.token):
            sent = self.house.client.patch(f"/api/uploads/{identity[1]}", json={"readers": list(readers)})
        if not person.is_out:
            assert sent.status_code == 200, sent.text
            self._shared(person, identity[1], self.uploads[identity][0], readers)

    def _shared(self, person: Person, name: str, numbers: set[int], readers: Sequence[str]) -> None:
        identity = (f"uploads-{person.id}", name)
        now = Readers(principals(readers) | {f"user:{person.id}"})
        self.uploads[identity] = (numbers, now)
        if held := self.oracle.held.get(identity):
            held.readers = Readers(held.readers.allow & now.allow, held.readers.deny)

    def remove_upload(self, identity: Identity) -> None:
        person = self.owner(identity)
        with self.house.signed_in(person.token):
            sent = self.house.client.delete(f"/api/uploads/{identity[1]}")
        if not person.is_out:
            assert sent.status_code == 200, sent.text
            del self.uploads[identity]
            self.oracle.held.pop(identity, None)
            self.gone.append(identity)

    def owner(self, identity: Identity) -> Person:
        return self.oracle.people[identity[0].removeprefix("uploads-")]

    # People and groups

    def regroup(self, person: Person, group: str) -> None:
        """Put a person into a group, or take the person out of it."""
        add, remove = ([], [group]) if group in person.groups else ([group], [])
        self.house.app.people.regroup(person.id, LOCAL_OPERATOR, add=add, remove=remove)
        person.groups ^= {group}

    def nest(self, parent: str, child: str) -> None:
        """Put a group into another, or take it out; one that would be in itself is not."""
        groups, pair = self.house.app.catalog.groups, (parent, child)
        if pair in self.oracle.nested:
            groups.unnest(parent, child)
            self.oracle.nested.remove(pair)
        elif child not in self.oracle.groups_of(Person("", groups={parent})):
            groups.nest(parent, child)
            self.oracle.nested.add(pair)

    def switch(self, person: Person) -> None:
        """Disable a person or enable the person again."""
        self.house.app.people.disable(person.id, LOCAL_OPERATOR, disabled=not person.is_out)
        person.is_out = not person.is_out

    def break_glass(self, person: Person, identity: Identity) -> None:
        """Open a document for a person for a while, or end that."""
        if identity in person.opened:
            self._write_openings(lambda row: setattr(row, "expires_at", time.time() - 1), person, identity)
            person.opened.remove(identity)
            return
        now, (source, key) = time.time(), identity
        row = OpeningRow(
            id=f"{self._word()}", person_id=person.id, document_id=document_id(source, key), source=source, key=key,
            reason="a test", created_at=now, expires_at=now + 3600,
        )  # fmt: skip
        with self.house.app.catalog.database.write() as session:
            session.add(row)
        person.opened.add(identity)

    def _write_openings(self, change: Callable[[OpeningRow], None], person: Person, identity: Identity) -> None:
        from sqlalchemy import select

        with self.house.app.catalog.database.write() as session:
            for row in session.scalars(select(OpeningRow).where(OpeningRow.person_id == person.id)):
                if row.document_id == document_id(*identity):
                    change(row)

    # Conversations and feedback

    def ask(self, person: Person, body: dict[str, Any]) -> str:
        """Begin a conversation, or go on with the person's last one; returns the answer's turn."""
        go_on = bool(person.talks) and self.count % 3 == 0
        with self.house.signed_in(person.token):
            path = f"/api/conversations/{person.talks[-1]}/turns" if go_on else "/api/conversations"
            sent = self.house.client.post(path, json=body)
            if person.is_out:
                assert sent.status_code == 401
                return ""
            assert sent.status_code == 201, sent.text
        begun = sent.json()
        talk = begun["conversation"]["id"] if not go_on else person.talks[-1]
        turn = begun if go_on else begun["turn"]
        if not go_on:
            person.talks.append(talk)
        with self.house.signed_in(person.token):  # which shares no document
            shared = self.house.client.post(f"/api/conversations/{talk}/shares", json={"readers": ["everyone"]})
            assert shared.status_code == 201, shared.text
        return f"{talk}/turns/{turn['id']}"

    def wait(self, person: Person, turn: str) -> None:
        """Wait until an answer is there."""
        if turn:
            talk, _, own = turn.partition("/turns/")
            live = self.house.app.conversations.live(self.house.user(person.id), talk, own)
            assert live is None or live.stored.wait(60)

    def give_feedback(self, person: Person, identity: Identity) -> None:
        """Say that an answer was good that told all of a document."""
        words = " ".join(word(number) for number in self.oracle.held[identity].numbers)
        cited = [{"source": identity[0], "key": identity[1]}]
        body = {"question": "What?", "answer": words, "verdict": "up", "reason": words, "cited": cited}
        with self.house.signed_in(person.token):
            given = self.house.client.post("/api/feedback", json=body)
        assert given.status_code == (201 if self.oracle.may_read(person, identity) else 401 if person.is_out else 404)
        keeper = self.oracle.people["cat"]
        if given.status_code == 201 and not keeper.is_out:
            with self.house.signed_in(keeper.token):
                self.house.client.post("/api/questions", json={"feedback_id": given.json()["id"], "facts": [words]})
            self._evaluated(identity, words)

    def _evaluated(self, identity: Identity, words: str) -> None:
        """Keep an evaluation whose only question was answered with all of a document."""
        result = QueryResult("q", "What?", {"facts": 1.0}, (Item(words, "fact", True),), (), 0.1, words, "n")
        row = {**asdict(result), "documents": [document_id(*identity)], "certain": True}
        table = self.house.app.catalog.evaluations
        table.end(table.begin("operator", 1, "auto", {}).id, "done", results=[row])

    # Answers that are held open

    def hold_stream(self, person: Person) -> None:
        """Begin an answer that stops in its middle, with somebody who follows it."""
        model, before = self.house.model, len(self.house.model.asked)
        model.gate.clear()
        turn = self.ask(person, {"question": f"What is the {COMMON} code?", "mode": "corpus"})
        until = time.monotonic() + 60
        while turn and len(model.asked) == before and time.monotonic() < until:
            time.sleep(0.002)
            live = self.house.app.conversations.live(self.house.user(person.id), *turn.split("/turns/"))
            if live is None or live.ended.is_set():
                break  # there is nothing that the person may read
        if not turn:
            model.gate.set()
            return
        got: list[str] = []
        headers = {"Authorization": f"Bearer {person.token}"}
        path = f"/api/conversations/{turn}/events"
        thread = threading.Thread(target=lambda: got.append(self.house.client.get(path, headers=headers).text))
        thread.start()
        self.stream = Stream(person, self.oracle.seen_now(person), thread, turn, got)
        live = self.house.app.conversations.live(self.house.user(person.id), *turn.split("/turns/"))
        while live is not None and not live._listeners and thread.is_alive() and time.monotonic() < until:
            time.sleep(0.002)  # until the follower follows, or has all of an answer that is over

    def end_stream(self) -> None:
        """Let the answer go on, and hold what the follower gets from then on to what may be read now."""
        stream, self.stream = self.stream, None
        assert stream is not None
        self.house.model.gate.set()
        stream.thread.join(60)
        self.wait(stream.person, stream.talk)
        assert stream.got, "the follower was not let go"
        now = self.oracle.seen_kept(stream.person)
        for event in stream.got[0].split("\n\n"):
            allowed = now | stream.seen_at_first if "event: plan" in event else now
            assert numbers_in(event) <= allowed, f"a stream went on: {event}"

    def told_to_models(self) -> list[Asked]:
        """Return what models were asked since the last call."""
        asked, self.house.model.asked = self.house.model.asked, []
        return asked
