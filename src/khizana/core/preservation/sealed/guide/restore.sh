#!/bin/sh
# Restores a library from this sealed copy. It needs a shell, coreutils, and age (on Debian: apt-get install age).
#
#     sh restore.sh KEY INTO [SITE]
#
# KEY   the file with the secret key: a line that begins with AGE-SECRET-KEY-1
# INTO  a new or empty folder; whole objects come into INTO/storage, an OCFL storage root, and what could be had of
#       damaged ones into INTO/incomplete; the library's settings and its ledger come into INTO/library
# SITE  the folder of the sealed copy, where this script is when it is not named
#
# Ends with 0 when everything is restored, 1 when something is missing or damaged, 2 when it could not begin.
# What each file here is: README-en.txt. The format: docs/reference/sealed-copies.md of Khizana.
set -u
umask 077
LC_ALL=C
export LC_ALL

say() { printf '%s\n' "$1" >&2; }
stop() { say "$1"; exit 2; }

[ "$#" -ge 2 ] || stop "Give the key and a new folder: sh restore.sh KEY INTO"
key=$1 into=$2
case $0 in */*) here=${0%/*} ;; *) here=. ;; esac
site=${3:-$here}

for tool in age sha512sum wc mkdir mv cp rm cat sync; do
    command -v "$tool" >/dev/null 2>&1 || stop "The program $tool is missing: on Debian, apt-get install age coreutils"
done
[ -r "$key" ] || stop "There is no key file at $key"
[ -d "$site/sealed" ] || stop "Nothing is sealed at $site: name the folder that holds the folder sealed"
case $into in -*) into=./$into ;; esac
mkdir -p "$into" || stop "$into cannot be made: name another folder"
for each in "$into"/* "$into"/.[!.]*; do
    if [ -e "$each" ]; then stop "$into is not empty: name a new folder"; fi
done
mkdir "$into/storage" "$into/restoring" || stop "Nothing can be written to $into"
work=$into/restoring
wrong=0 whole=0 opened=0

# Each problem is one line; it spoils the object it belongs to, and nothing else.
problem() { say "$1"; wrong=$((wrong + 1)); broken=1; }

# Decrypts the file $1 into the file $2.
unseal() {
    if [ ! -e "$1" ]; then problem "$1 is missing: take it from another site"; return 1; fi
    # Not by -o: age 1.1 makes no file where nothing comes out, and empty files are files.
    if age -d -i "$key" "$1" >"$2" 2>"$work/said"; then return 0; fi
    rm -f "$2"
    case $(cat "$work/said") in
        *"no space left"*) stop "$into is full: give it room and begin again with a new folder" ;;
        *"no identity matched"*) problem "$1 is sealed for another key" ;;
        *) problem "$1 is damaged or cannot be read: take it from another site" ;;
    esac
    return 1
}

# Sets path to the name written as $1; fails when it would lead out of the object.
name() {
    path=$(printf '%b.' "$1")
    path=${path%.}
    case /$path/ in *//* | */./* | */../*) return 1 ;; esac
    return 0
}

# Brings the file $1 of $folder, $2 bytes with the sha512 $3, to the path $4.
bring() {
    unseal "$folder$1" "$work/part" || return 0
    size=$(wc -c <"$work/part")
    sum=$(sha512sum <"$work/part")
    if [ "$((size))" != "$2" ] || [ "${sum%% *}" != "$3" ]; then
        problem "$folder$1 is not what was sealed: take it from another site"
        rm -f "$work/part"
        return 0
    fi
    name "$4" || { problem "$folder$1 has a name that leads out of its object"; return 0; }
    goal=$tree/$path
    if mkdir -p "${goal%/*}" && mv -f "$work/part" "$goal"; then return 0; fi
    stop "$into cannot be written to any more: give it room and begin again with a new folder"
}

# Puts the bytes at the path $1 also at the path $2.
again() {
    name "$1" || { problem "$folder names a file that leads out of its object"; return 0; }
    from=$tree/$path
    name "$2" || { problem "$folder names a file that leads out of its object"; return 0; }
    [ -e "$from" ] || return 0
    cp "$from" "$tree/$path" || stop "$into cannot be written to any more: give it room and begin again with a new folder"
}

# Restores one version, of which the table of contents is open in $work/contents. What lies beside the versions is
# that of the newest.
version() {
    for each in "$tree"/* "$tree"/.[!.]*; do
        case ${each##*/} in v[1-9] | v[0-9]*[0-9]) ;; *) rm -rf "$each" ;; esac
    done
    while read -r kind one two three four; do
        case $kind in
            place) place=$one ;;
            beside) if [ "$one" = library ]; then place=$one beside=1; fi ;;
            file) bring "$one" "$two" "$three" "$four" ;;
            copy) again "$one" "$two" ;;
            *) ;;
        esac
    done <"$work/contents"
}

for object in "$site"/sealed/??/*/; do
    tree=$work/tree broken=0 place='' beside='' expected=1 found=0
    rm -rf "$tree"
    mkdir "$tree" || stop "Nothing can be written to $into"
    for folder in "$object"v*/; do
        table=''
        for each in "$folder"contents-*.age; do
            if [ -e "$each" ]; then table=$each; fi
        done
        if [ -z "$table" ]; then
            # Without list and table it is what an interrupted sealing left: nothing of it was promised.
            if [ -e "${folder}SHA512SUMS" ]; then
                problem "$folder has no table of contents: take it from another site"
            fi
            continue
        fi
        number=${folder%/}
        number=${number##*/v}
        while [ "${number#0}" != "$number" ]; do number=${number#0}; done
        if [ "$number" != "$expected" ]; then problem "${object}v, number $expected, is missing: take it from another site"; fi
        expected=$((number + 1))
        unseal "$table" "$work/contents" || continue
        found=1 opened=1
        version
    done
    if [ "$found" = 0 ]; then continue; fi
    if [ "$broken" != 0 ]; then
        object=${object%/}
        mkdir -p "$into/incomplete" && mv "$tree" "$into/incomplete/${object##*/}"
        continue
    fi
    if [ -n "$beside" ]; then
        if [ -e "$into/library" ]; then problem "$object stands for the same place as another: $into/library"; continue; fi
        mv "$tree" "$into/library" || stop "$into cannot be written to any more"
    elif [ -z "$place" ]; then
        cp -R "$tree/." "$into/storage/" || stop "$into cannot be written to any more"
    else
        name "$place" || { problem "$object has a place that leads out of the storage root"; continue; }
        goal=$into/storage/$path
        if [ -e "$goal" ]; then problem "$object stands for the same place as another: $goal"; continue; fi
        if mkdir -p "${goal%/*}" && mv "$tree" "$goal"; then :; else stop "$into cannot be written to any more"; fi
        whole=$((whole + 1))
    fi
done
rm -rf "$work"
sync
if [ "$opened" = 0 ] && [ "$wrong" != 0 ]; then say "Nothing could be opened: this key is not the key of this copy"; fi
say "Restored: $whole objects, whole, in $into/storage. Problems: $wrong."
[ "$wrong" = 0 ]
