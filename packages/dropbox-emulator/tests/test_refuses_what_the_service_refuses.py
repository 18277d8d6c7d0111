"""Every call that the real service does not take."""

import hashlib

import pytest
from dropbox.exceptions import ApiError
from dropbox.files import CommitInfo, UploadSessionCursor, UploadSessionType, WriteMode

from dropbox_emulator.contents import content_hash
from dropbox_emulator.emulator import Emulator

BLOCK = 4 * 1024 * 1024


def tags(refused: pytest.ExceptionInfo[ApiError]) -> str:
    return str(refused.value.error)


@pytest.mark.parametrize(
    ("arg", "headers", "said"),
    [
        ({"path": "/a"}, {"Content_Type": "application/x-www-form-urlencoded"}, 'Bad HTTP "Content-Type" header'),
        ({"path": "/a", "colour": "red"}, {}, "unknown field 'colour'"),
        ({}, {}, "missing required field 'path'"),
        ({"path": 3}, {}, "path: expected string, got int"),
        ({"path": "a"}, {}, "did not match pattern"),
        ({"path": ""}, {}, "The root folder is unsupported"),
        ({"path": "/a"}, {"Authorization": ""}, "missing the Authorization header"),
        ({"path": "/a"}, {"host": "content"}, "call it at api.dropboxapi.com"),
    ],
)
def test_a_call_of_the_wrong_form_is_bad_input(raw, arg: object, headers: dict[str, str], said: str) -> None:
    answer = raw("files/get_metadata", arg, **headers)
    assert answer.status_code == 400 and said in answer.text
    assert answer.headers["content-type"].startswith("text/plain")


def test_the_root_is_listed_as_an_empty_text_only(raw) -> None:
    assert "empty string rather than" in raw("files/list_folder", {"path": "/"}).text
    assert raw("files/list_folder", {"path": ""}).json() | {"cursor": ""} == {
        "entries": [],
        "cursor": "",
        "has_more": False,
    }


def test_answers_are_exactly_json(raw) -> None:
    assert raw("users/get_space_usage").headers["content-type"] == "application/json"
    refused = raw("files/get_metadata", {"path": "/none"})
    assert (refused.status_code, refused.headers["content-type"]) == (409, "application/json")
    assert refused.json() == {
        "error_summary": "path/not_found/..",
        "error": {".tag": "path", "path": {".tag": "not_found"}},
    }


def test_no_other_host_is_reached_through_the_proxy(session) -> None:
    with pytest.raises(OSError, match="403"):
        session.post("https://example.com/2/users/get_space_usage")


def test_a_request_of_more_than_150_mib_is_refused(raw) -> None:
    answer = raw("files/upload", {"path": "/large"}, bytes(150 * 1024 * 1024 + 1))
    assert answer.json()["error"] == {".tag": "payload_too_large"}


def test_bytes_that_are_not_what_was_announced_are_refused(raw, emulator: Emulator) -> None:
    wrong = {"path": "/a", "content_hash": content_hash(b"other")}
    assert raw("files/upload", wrong, b"bytes").json()["error_summary"] == "content_hash_mismatch/.."
    assert emulator.account.tree.nodes == {}


def test_the_content_hash_is_of_blocks() -> None:
    data = b"a" * BLOCK + b"b"
    blocks = hashlib.sha256(data[:BLOCK]).digest() + hashlib.sha256(b"b").digest()
    assert content_hash(data) == hashlib.sha256(blocks).hexdigest()
    assert content_hash(b"") == hashlib.sha256().hexdigest()


@pytest.mark.parametrize("path", ["/a//b", "/a/", "/a/../b", "/a/./b", "/a\\b"])
def test_a_malformed_path_is_refused(client, path: str) -> None:
    with pytest.raises(ApiError) as refused:
        client.files_upload(b"", path)
    assert "malformed_path" in tags(refused)


def test_a_name_that_dropbox_keeps_for_itself_is_refused(client) -> None:
    with pytest.raises(ApiError) as refused:
        client.files_upload(b"", "/a/Desktop.ini")
    assert "disallowed_name" in tags(refused)


def test_paths_do_not_tell_upper_from_lower_case(client) -> None:
    made = client.files_upload(b"1", "/Folder/File")
    assert client.files_get_metadata("/folder/FILE").id == made.id
    with pytest.raises(ApiError) as refused:
        client.files_upload(b"2", "/FOLDER/file")
    assert "conflict" in tags(refused)
    assert [entry.name for entry in client.files_list_folder("/foldeR").entries] == ["File"]


@pytest.mark.parametrize(
    ("mode", "content", "strict", "passes"),
    [
        ("add", b"same", False, True),
        ("add", b"same", True, False),
        ("add", b"else", False, False),
        ("overwrite", b"same", True, True),
        ("overwrite", b"else", True, True),
        ("right", b"else", True, True),
        ("wrong", b"else", False, False),
        ("wrong", b"same", False, True),
        ("wrong", b"same", True, False),
    ],
)
def test_what_each_write_mode_takes_for_a_conflict(
    client, mode: str, content: bytes, strict: bool, passes: bool
) -> None:
    first = client.files_upload(b"same", "/one")
    revs = {"right": first.rev, "wrong": "123456789"}
    chosen = WriteMode.update(revs[mode]) if mode in revs else getattr(WriteMode, mode)
    if passes:
        assert client.files_upload(content, "/one", chosen, strict_conflict=strict).name == "one"
        return
    with pytest.raises(ApiError) as refused:
        client.files_upload(content, "/one", chosen, strict_conflict=strict)
    assert refused.value.error.get_path().reason.get_conflict().is_file()


@pytest.mark.parametrize("strict", [False, True])
def test_a_file_that_was_deleted_meanwhile_is_a_conflict_for_the_strict(client, strict: bool) -> None:
    rev = client.files_upload(b"1", "/one").rev
    client.files_delete_v2("/one")
    if not strict:
        client.files_upload(b"2", "/one", WriteMode.update(rev))
        return
    with pytest.raises(ApiError):
        client.files_upload(b"2", "/one", WriteMode.update(rev), strict_conflict=True)


def test_autorename_finds_another_name(client) -> None:
    client.files_upload(b"1", "/one.txt")
    assert client.files_upload(b"2", "/one.txt", autorename=True).name == "one (1).txt"
    assert client.files_upload(b"3", "/one.txt", autorename=True).name == "one (2).txt"


def test_a_session_takes_bytes_only_where_it_is(client) -> None:
    session = client.files_upload_session_start(b"abc").session_id
    for wrong in (0, 2, 4):
        with pytest.raises(ApiError) as refused:
            client.files_upload_session_append_v2(b"x", UploadSessionCursor(session, wrong))
        assert refused.value.error.get_incorrect_offset().correct_offset == 3
    with pytest.raises(ApiError) as refused:
        client.files_upload_session_finish(b"", UploadSessionCursor(session, 1), CommitInfo("/one"))
    assert refused.value.error.get_lookup_failed().get_incorrect_offset().correct_offset == 3
    client.files_upload_session_append_v2(b"d", UploadSessionCursor(session, 3), close=True)
    with pytest.raises(ApiError) as refused:
        client.files_upload_session_append_v2(b"e", UploadSessionCursor(session, 4))
    assert refused.value.error.is_closed()
    client.files_upload_session_finish(b"", UploadSessionCursor(session, 4), CommitInfo("/one"))
    with pytest.raises(ApiError) as refused:
        client.files_upload_session_finish(b"", UploadSessionCursor(session, 4), CommitInfo("/two"))
    assert refused.value.error.get_lookup_failed().is_not_found()
    assert client.files_download("/one")[1].content == b"abcd"


def test_a_concurrent_session_takes_whole_blocks_in_any_order(client) -> None:
    session = client.files_upload_session_start(b"", session_type=UploadSessionType.concurrent).session_id
    with pytest.raises(ApiError) as refused:
        client.files_upload_session_append_v2(b"short", UploadSessionCursor(session, 0))
    assert refused.value.error.is_concurrent_session_invalid_data_size()
    client.files_upload_session_append_v2(b"end", UploadSessionCursor(session, BLOCK), close=True)
    end = UploadSessionCursor(session, BLOCK + 3)
    with pytest.raises(ApiError) as refused:
        client.files_upload_session_finish(b"", end, CommitInfo("/one"))
    assert refused.value.error.is_concurrent_session_missing_data()


def test_a_batch_takes_closed_sessions_only(client) -> None:
    from dropbox.files import UploadSessionFinishArg

    open_one = client.files_upload_session_start(b"a").session_id
    closed = client.files_upload_session_start(b"b", close=True).session_id
    entries = [
        UploadSessionFinishArg(UploadSessionCursor(session, 1), CommitInfo(f"/{number}"))
        for number, session in enumerate([open_one, closed])
    ]
    first, second = client.files_upload_session_finish_batch_v2(entries).entries
    assert first.get_failure().get_lookup_failed().is_not_closed() and second.get_success().name == "1"


def test_a_full_account_takes_nothing(client, emulator: Emulator) -> None:
    emulator.account.space_bytes = 3
    client.files_upload(b"123", "/one")
    client.files_upload(b"456", "/one", WriteMode.overwrite)
    with pytest.raises(ApiError) as refused:
        client.files_upload(b"7", "/two")
    assert refused.value.error.get_path().reason.is_insufficient_space()
    assert client.users_get_space_usage().used == 3


def test_ranges_are_served_and_unsatisfiable_ones_are_not(client, raw) -> None:
    made = client.files_upload(b"0123456789", "/one")
    for path in ("/one", made.id, f"rev:{made.rev}"):
        _, answer = client.files_download(path, extra_headers={"Range": "bytes=3-5"})
        assert (answer.status_code, answer.content) == (206, b"345")
        assert answer.headers["content-range"] == "bytes 3-5/10"
    assert raw("files/download", {"path": "/one"}, b"", Range="bytes=10-").status_code == 416


def test_what_changed_is_told_to_a_cursor(client) -> None:
    client.files_upload(b"1", "/a/one")
    cursor = client.files_list_folder_get_latest_cursor("/a").cursor
    client.files_upload(b"2", "/a/two")
    client.files_delete_v2("/a/one")
    changed = client.files_list_folder_continue(cursor).entries
    assert {entry.name: type(entry).__name__ for entry in changed} == {
        "one": "DeletedMetadata",
        "two": "FileMetadata",
    }


def test_copies_moves_folders_and_revisions(client) -> None:
    client.files_upload(b"1", "/a/one")
    client.files_upload(b"2", "/a/one", WriteMode.overwrite)
    client.files_copy_v2("/a", "/b")
    with pytest.raises(ApiError):
        client.files_copy_v2("/a/one", "/b/one")
    moved = client.files_move_v2("/b/one", "/c/Two").metadata
    assert moved.path_display == "/c/Two"
    with pytest.raises(ApiError):
        client.files_get_metadata("/b/one")
    assert [one.size for one in client.files_list_revisions("/a/one").entries] == [1, 1]
    with pytest.raises(ApiError):
        client.files_create_folder_v2("/c")
    with pytest.raises(ApiError):
        client.files_delete_v2("/a/one", parent_rev="123456789")
    job = client.files_delete_batch([_delete("/a"), _delete("/none")]).get_async_job_id()
    first, second = client.files_delete_batch_check(job).get_complete().entries
    assert first.is_success() and second.get_failure().get_path_lookup().is_not_found()


def _delete(path: str):
    from dropbox.files import DeleteArg

    return DeleteArg(path)
