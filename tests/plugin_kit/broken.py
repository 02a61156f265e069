"""Ways in which a source can be wrong, each with the check that is meant for it."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace

from assistant.errors import NotFoundError, SourceError, SourceUnreachableError
from assistant.types import Access, Changed, Checkpoint, Deleted, RawDocument
from tests.plugin_kit.wiki import SECRET, Source

log = logging.getLogger("wiki")


class Listing(Source):
    """Gives a list."""

    def changes(self, cursor):
        return list(super().changes(cursor))


class Twice(Source):
    def changes(self, cursor):
        for change in super().changes(cursor):
            yield change
            if isinstance(change, Changed) and change.key == "a.txt":
                yield change


class Endless(Source):
    """Never says that this is all."""

    def changes(self, cursor):
        for change in super().changes(cursor):
            yield Checkpoint(change.cursor) if isinstance(change, Checkpoint) else change


class FirstPage(Source):
    def changes(self, cursor):
        changes = list(super().changes(cursor))
        yield from (*changes[:100], *changes[100:][-1:])


class Ascii(Source):
    def changes(self, cursor):
        for change in super().changes(cursor):
            plain = isinstance(change, Changed)
            yield Changed(change.key.encode("ascii", "replace").decode(), change.version) if plain else change


class Restless(Source):
    def _version(self, key):
        return f"{time.monotonic_ns()}"


class Fixed(Source):
    def _version(self, key):
        return "1"


class Forgetful(Source):
    """Its change log has no deletions."""

    def changes(self, cursor):
        yield from (change for change in super().changes(cursor) if not isinstance(change, Deleted))


class WrongComplete(Source):
    """Says after a few changes that these are all."""

    def changes(self, cursor):
        for change in super().changes(cursor):
            yield Checkpoint(change.cursor, complete=True) if isinstance(change, Checkpoint) else change


class Trusting(Source):
    """Takes any cursor for one of its own."""

    def changes(self, cursor):
        if cursor is not None and not cursor.isdecimal():
            yield Checkpoint(str(len(self._server.log)), complete=True)
            return
        yield from super().changes(cursor)


class NumberCursor(Source):
    def changes(self, cursor):
        for change in super().changes(cursor if cursor is None else str(cursor)):
            yield Checkpoint(int(change.cursor), change.complete) if isinstance(change, Checkpoint) else change


class OneListing(Source):
    """Keeps its place in itself, so that two listings take from one another."""

    def changes(self, cursor):
        if getattr(self, "_rest", None) is None:
            self._rest = list(super().changes(cursor))
        while self._rest:
            yield self._rest.pop(0)
        self._rest = None


class Stale(Source):
    def fetch(self, key):
        kept = vars(self).setdefault("_kept", {})
        if key not in kept:
            kept[key] = super().fetch(key)
        return kept[key]


class NeedsListing(Source):
    def changes(self, cursor):
        for change in super().changes(cursor):
            if isinstance(change, Changed):
                vars(self).setdefault("_seen", set()).add(change.key)
            yield change

    def fetch(self, key):
        if key not in vars(self).get("_seen", set()):
            raise NotFoundError(key)
        return super().fetch(key)


class TextOnly(Source):
    def fetch(self, key):
        raw = super().fetch(key)
        data = raw.data.decode("utf-8", "replace").encode()
        return RawDocument(key, data, "", raw.title, raw.uri, raw.access)


class Cut(Source):
    def fetch(self, key):
        raw = super().fetch(key)
        return RawDocument(key, raw.data[:1_000_000], "", raw.title, raw.uri, raw.access)


class KeyErrors(Source):
    def fetch(self, key):
        return RawDocument(key, self._server.pages[key][1], "", "t", "u")


class Nameless(Source):
    def fetch(self, key):
        raw = super().fetch(key)
        return RawDocument(key, raw.data, "", "", "", raw.access)


class Open(Source):
    """Takes 'nobody' for everyone."""

    def fetch(self, key):
        raw = super().fetch(key)
        access = raw.access if raw.access is not None and raw.access.allow else Access()
        return RawDocument(key, raw.data, "", raw.title, raw.uri, access)


class NoDeny(Source):
    def fetch(self, key):
        raw = super().fetch(key)
        access = Access(raw.access.allow) if raw.access else None
        return RawDocument(key, raw.data, "", raw.title, raw.uri, access)


class BareNames(Source):
    def fetch(self, key):
        raw = super().fetch(key)
        return RawDocument(key, raw.data, "", raw.title, raw.uri, Access(frozenset({"hr"})))


class OldReaders(Source):
    def _version(self, key):
        return str(self._server.pages[key][0])


class Impatient(Source):
    """Takes "too many requests" for an error of the document."""

    def _ask(self):
        if self._server.busy:
            raise SourceError("429", "")
        super()._ask()


class Gone(Source):
    """Takes a server that is down for a document that is gone, and for an empty wiki."""

    def _ask(self):
        pass

    def changes(self, cursor):
        if self._server.is_down:
            yield Checkpoint("0", complete=True)
            return
        yield from super().changes(cursor)

    def fetch(self, key):
        if self._server.is_down:
            raise NotFoundError(key)
        return super().fetch(key)


class Blind(Source):
    """Takes rubbish for nothing."""

    def changes(self, cursor):
        if self._server.is_damaged:
            yield Checkpoint("0", complete=True)
            return
        yield from super().changes(cursor)


class Chatty(Source):
    def fetch(self, key):
        log.debug("GET %s with token %s", key, SECRET)
        return super().fetch(key)


class Telling(Source):
    def _ask(self):
        try:
            self._server.ask()
        except OSError as error:
            raise SourceUnreachableError("the wiki does not answer") from error


class Showing(Source):
    def fetch(self, key):
        raw = super().fetch(key)
        return RawDocument(key, raw.data, "", raw.title, f"{raw.uri}?token={SECRET}", raw.access)


class Moving(Source):
    def fetch(self, key):
        os.environ["WIKI_LAST"] = key
        return super().fetch(key)


class Hanging(Source):
    def fetch(self, key):
        if not self._server.pages.get(key, (0, b"x"))[1]:
            time.sleep(60)
        return super().fetch(key)


class Refusing(Source):
    """Does not list what is not handed out."""

    def changes(self, cursor):
        for change in super().changes(cursor):
            if not isinstance(change, Changed) or change.key not in self._server.refused:
                yield change


class NoRename(Source):
    def unmoved(self, version):
        return f"{time.monotonic_ns()}"


class TwoMinds(Source):
    """Lists other readers than it hands out."""

    def changes(self, cursor):
        for change in super().changes(cursor):
            yield replace(change, access=Access()) if isinstance(change, Changed) else change


class Hasty(Source):
    """Says at the start from where to go on, as if all before that had been listed."""

    def changes(self, cursor):
        if cursor is None:
            yield Checkpoint(str(len(self._server.log)))
        yield from super().changes(cursor)


BROKEN = {
    TwoMinds: "listed_readers_are_those_of_the_document",
    Hasty: "a_listing_goes_on_from_each_of_its_checkpoints",
    Listing: "listing_is_an_iterator",
    Twice: "every_key_is_listed_once",
    Endless: "listing_ends_complete",
    FirstPage: "many_documents_are_listed",
    Ascii: "keys_keep_their_letters",
    Restless: "listing_again_says_the_same",
    Fixed: "version_changes_with_the_content",
    Forgetful: "changes_after_the_cursor_are_all_seen",
    WrongComplete: "nothing_new_after_the_cursor_changes_nothing",
    Trusting: "an_unknown_cursor_loses_nothing",
    NumberCursor: "cursor_is_text",
    OneListing: "listings_do_not_disturb_one_another",
    Stale: "fetch_is_current",
    NeedsListing: "fetch_needs_no_listing",
    TextOnly: "fetch_returns_the_bytes",
    Cut: "large_documents_are_whole",
    KeyErrors: "removed_documents_are_not_found",
    Nameless: "fetch_names_the_document",
    Open: "nobody_is_not_everybody",
    NoDeny: "readers_are_those_of_the_source",
    BareNames: "readers_are_principals",
    OldReaders: "changed_readers_change_the_version",
    Impatient: "too_many_requests_are_waited_out",
    Gone: "a_document_of_a_server_that_is_down_is_not_gone",
    Blind: "rubbish_is_an_error_of_the_source",
    Chatty: "fetch_returns_the_bytes",
    Telling: "secrets_are_in_no_error",
    Showing: "secrets_are_in_no_text_of_the_source",
    Moving: "the_process_stays_as_it_is",
    Hanging: "empty_documents_are_handed_out",
    Refusing: "refused_documents_are_unreadable_and_stay",
    NoRename: "unmoved_is_the_same_after_a_rename",
}
