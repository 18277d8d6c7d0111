"""Every trouble with Dropbox told apart, each with what to do. Makes messages of tags, never of what was sent."""

from typing import Any

import requests
from dropbox.exceptions import ApiError, AuthError, BadInputError, HttpError, InternalServerError, RateLimitError

from station.errors import StoreError

NEW_TOKEN = "Make a new refresh token and put it into the credentials: docs/dropbox.md"


class Unreachable(StoreError):
    """No answer from Dropbox."""


class NotDropbox(StoreError):
    """Something between here and Dropbox answered in its place."""


class ServiceFailing(StoreError):
    """Dropbox answers, and says that it cannot."""


class RateLimited(StoreError):
    """Dropbox asks for fewer calls."""


class AppRevoked(StoreError):
    """The app may no longer enter, or never could."""


class TokenExpired(StoreError):
    """A token that was made just now is too old already."""


class ScopeMissing(StoreError):
    """The app was not given a permission that it needs."""


class DropboxFull(StoreError):
    """There is no space left, or no traffic."""


class Declined(StoreError):
    """A route refused. `error` is its tagged value; `in_doubt`: an earlier try of the same call may have been done."""

    def __init__(self, message: str, hint: str, error: Any, *, in_doubt: bool) -> None:
        super().__init__(message, hint)
        self.error = error
        self.in_doubt = in_doubt


def translated(what: str, why: Exception, *, in_doubt: bool) -> StoreError:
    """The trouble in words: `what` was to be done."""
    if isinstance(why, ApiError):
        return _of_route(what, why.error, in_doubt)
    if isinstance(why, AuthError):
        return _of_entry(what, why.error)
    if isinstance(why, BadInputError):
        return _of_bad_input(what, str(why.message))
    if isinstance(why, HttpError):
        return _of_status(what, why)
    if isinstance(why, requests.RequestException):
        return _of_network(what, why)
    return NotDropbox(f"Could not {what}: an answer that Dropbox does not give", _BETWEEN)


def is_untrusted(why: requests.RequestException) -> bool:
    """Whoever answered has no certificate of Dropbox's: trying again does not help."""
    return isinstance(why, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY_FAILED" in str(why)


def tags(error: Any) -> list[str]:
    """The tags of a refusal from the outside in: `path`, `conflict`, `file`. The SDK's structs are looked through."""
    found: list[str] = []
    while error is not None:
        tag = getattr(error, "_tag", None)
        if tag is not None:
            found.append(str(tag))
            error = getattr(error, "_value", None)
        else:
            error = getattr(error, "reason", None)
    return found


def correct_offset(error: Any) -> int | None:
    """Where the upload session really is, when the refusal says so."""
    while error is not None and not hasattr(error, "correct_offset"):
        error = getattr(error, "_value", None)
    return None if error is None else int(error.correct_offset)


_BETWEEN = "Something answers in Dropbox's place: a proxy, a captive portal? Try https://www.dropbox.com from this host"


def _of_route(what: str, error: Any, in_doubt: bool) -> StoreError:
    found = tags(error)
    last = found[-1] if found else "other"
    if last in ("insufficient_space", "insufficient_quota", "team_folder_insufficient_space"):
        return DropboxFull(
            f"Could not {what}: Dropbox is full", "Free space in Dropbox (its deleted files do not count), or buy more"
        )
    if last == "upload_traffic_limit_reached":
        return DropboxFull(f"Could not {what}: this month's upload traffic is used up", "Wait, or ask Dropbox for more")
    return Declined(f"Could not {what}: Dropbox refuses ({'/'.join(found)})", _hint(last), error, in_doubt=in_doubt)


def _hint(tag: str) -> str:
    return {
        "file_ancestor": "A file stands where a folder is needed: look at the folder in Dropbox",
        "folder": "A folder stands where the file is to be: look at the folder in Dropbox",
        "content_hash_mismatch": "The file changed while it was sent; try again",
        "no_write_permission": "The app must be allowed to write in that folder",
        "malformed_path": "Look at `path` of the store in the manifest",
        "disallowed_name": "Look at `path` of the store in the manifest",
        "not_folder": "A file stands where the store's folder is to be",
    }.get(tag, "docs/dropbox.md lists what Dropbox refuses")


def _of_entry(what: str, error: Any) -> StoreError:
    found = tags(error)
    tag = found[0] if found else "other"
    if tag == "missing_scope":
        scope = getattr(getattr(error, "_value", None), "required_scope", "of the app")
        return ScopeMissing(
            f"Could not {what}: the app lacks the permission {scope}",
            "Tick it under Permissions of the app in Dropbox's console, then make a new refresh token: docs/dropbox.md",
        )
    if tag == "expired_access_token":
        return TokenExpired(
            f"Could not {what}: Dropbox calls a token expired that it has just made", "Is this host's clock right?"
        )
    return AppRevoked(f"Could not {what}: Dropbox does not let the app in any more ({tag})", NEW_TOKEN)


def _of_status(what: str, why: HttpError) -> StoreError:
    if isinstance(why, RateLimitError):
        return RateLimited(
            f"Could not {what}: Dropbox asks for fewer calls, again and again",
            "It passes by itself; take points less often, or use an app of its own for each station",
        )
    if isinstance(why, InternalServerError):
        return ServiceFailing(
            f"Could not {what}: Dropbox answers {why.status_code}",
            "Look at https://status.dropbox.com; try again later",
        )
    return NotDropbox(f"Could not {what}: an answer {why.status_code} that Dropbox does not give", _BETWEEN)


def _of_bad_input(what: str, text: str) -> StoreError:
    if "invalid_client" in text:
        return AppRevoked(
            f"Could not {what}: Dropbox knows no app with this key and secret",
            "Compare DROPBOX_APP_KEY and DROPBOX_APP_SECRET with the app's page in Dropbox's console",
        )
    if "uthorization" in text or "OAuth" in text:  # the service repeats the token in such a text: do not show it
        return AppRevoked(f"Could not {what}: Dropbox does not take the token", NEW_TOKEN)
    return StoreError(f"Could not {what}: Dropbox says the call is wrong: {text[:300]}", "Please report it")


def _of_network(what: str, why: requests.RequestException) -> StoreError:
    if is_untrusted(why):
        return NotDropbox(f"Could not {what}: whoever answers has no certificate of Dropbox's", _BETWEEN)
    kind = "no answer in time" if isinstance(why, requests.Timeout) else "no connection"
    if isinstance(why, requests.exceptions.ProxyError):
        kind = "no connection through the proxy"
    return Unreachable(
        f"Could not {what}: {kind} to Dropbox", "Is this host on the Internet? What was sent already is kept"
    )
