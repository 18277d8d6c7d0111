#!/bin/sh
# Restores the database of this folder with two ordinary programs, `unzstd` and `sqlite3`, if it is a chain of logs.
# restore.py beside it restores every chain, also one with .delta files or encrypted ones.
#
#     sh restore.sh TARGET.db             the newest point
#     sh restore.sh TARGET.db 000012      the point with that number
#
# base.db.zst is a whole SQLite database. 000001.wal.zst, 000002.wal.zst, ... are SQLite write-ahead logs with what
# changed since: put beside the database as TARGET.db-wal, SQLite takes it over and checks it by itself.
set -eu
target=${1:?"usage: sh restore.sh TARGET.db [NUMBER]"}
last=${2:-999999}
here=$(dirname "$0")

for file in "$target" "$target-wal" "$target-shm" "$target-journal"; do
    if [ -e "$file" ]; then echo "$file exists already: not touched" >&2; exit 1; fi
done

for other in "$here"/[0-9]*.delta "$here"/*.age; do
    number=$(basename "$other" | cut -c 1-6)
    if [ "$number" = base.d ]; then number=000000; fi
    if [ -e "$here/$number.json" ] && [ "$number" -le "$last" ]; then
        echo "$other is not for this script: python3 $here/restore.py $target" >&2; exit 1
    fi
done

unzstd -q -c "$here/base.db.zst" > "$target"
at=000000
for change in "$here"/[0-9]*.wal.zst; do
    number=$(basename "$change" .wal.zst)
    [ -e "$here/$number.json" ] || continue         # without its record a point was never finished
    if [ "$number" -gt "$last" ]; then break; fi
    unzstd -q -c "$change" > "$target-wal"
    # Reading a table makes SQLite look at the log. The checkpoint answers "0|pages|pages": anything else is a failure.
    answer=$(sqlite3 "$target" 'SELECT count(*) FROM sqlite_master; PRAGMA wal_checkpoint(FULL);' | tail -n 1)
    case $answer in
        0\|0\|0 | 0\|-1\|-1) echo "$change is damaged: SQLite found nothing in it; stopped at $at" >&2; exit 1 ;;
        0\|*) at=$number ;;
        *) echo "$change could not be applied ($answer); stopped at $at" >&2; exit 1 ;;
    esac
    rm -f "$target-wal" "$target-shm"
done

sqlite3 "$target" 'PRAGMA integrity_check;'
echo "$target is the point $at"
