#!/usr/bin/env bash
# verify_bundle.sh BUNDLE.zip [FINGERPRINT]: does what the bundle's VERIFY.txt says, with stock tools alone: unzip,
# sha256sum, ssh-keygen, openssl, flac, sqlite3, xmllint. FINGERPRINT: of the key that must have signed the record.
# Says what failed and ends with 1; else "verified" and 0. KEEP=DIR leaves the unpacked files there.
set -u -o pipefail
export LC_ALL=C

bundle=$(realpath "${1:?usage: verify_bundle.sh BUNDLE.zip [FINGERPRINT]}")
fingerprint=${2:-}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
failed() { echo "FAILED: $*"; exit 1; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
bytes() { sed 's/../\\x&/g' | xargs -0 -I{} printf '%b' '{}'; }
sha() { sha256sum | cut -c1-64; }

# The files.
unzip -q -o "$bundle" -d "$scratch/out" </dev/null >"$scratch/unzip" 2>&1 || failed "unzip: $(head -n 1 "$scratch/unzip")"
[ -z "${KEEP:-}" ] || cp -r "$scratch/out/." "$KEEP"
[ "$(find "$scratch/out" -mindepth 1 -maxdepth 1 | wc -l)" = 1 ] || failed "more than one folder in the bundle"
cd "$scratch/out"/* || failed "no folder in the bundle"
sha256sum --strict --quiet -c SHA256SUMS >"$scratch/sums" 2>&1 || failed "sha256sum: $(head -n 1 "$scratch/sums")"
find . -type f | sed 's,^\./,,' | grep -v '^SHA256SUMS' | sort >"$scratch/found"
cut -c67- SHA256SUMS | sort | cmp -s "$scratch/found" - || failed "files that SHA256SUMS does not list"

# Who says so.
if [ -f record.sig ]; then
  who=$(cut -d' ' -f1 allowed_signers)
  ssh-keygen -Y verify -f allowed_signers -I "$who" -n penrig-record -s record.sig <record.json >"$scratch/signed" 2>&1 ||
    failed "ssh-keygen: $(head -n 1 "$scratch/signed")"
  [ -z "$fingerprint" ] || ssh-keygen -l -f record-key.pub | grep -qF " $fingerprint " || failed "signed by another key"
  grep -qF "$(cut -d' ' -f1,2 record-key.pub)" allowed_signers || failed "record-key.pub is not the key in allowed_signers"
elif [ -n "$fingerprint" ]; then
  failed "nobody signed the record"
fi
if [ -f SHA256SUMS.sig ]; then
  who=$(cut -d' ' -f1 exporter)
  ssh-keygen -Y verify -f exporter -I "$who" -n penrig-bundle -s SHA256SUMS.sig <SHA256SUMS >"$scratch/signed" 2>&1 ||
    failed "ssh-keygen: $(head -n 1 "$scratch/signed")"
elif [ -f exporter ]; then
  failed "the list of files has lost its signature"
fi

# Its place in the log: RFC 9162 2.1.3.2.
if [ -f checkpoint ]; then
  i=$(sed -n 's/^ *"log_leaf": *\([0-9]*\).*/\1/p' packed.json)
  n=$(($(sed -n 2p checkpoint) - 1))
  root=$(sed -n 3p checkpoint | base64 -d | hex)
  at=$({ printf '\000'; cat record.json; } | sha)
  while read -r line; do
    [ "$n" != 0 ] || failed "inclusion.txt is longer than the log is high"
    p=$(printf %s "$line" | base64 -d | hex)
    if [ $((i % 2)) = 1 ] || [ "$i" = "$n" ]; then
      at=$({ printf '\001'; printf %s "$p$at" | bytes; } | sha)
      while [ $((i % 2)) = 0 ] && [ "$i" != 0 ]; do i=$((i / 2)) n=$((n / 2)); done
    else
      at=$({ printf '\001'; printf %s "$at$p" | bytes; } | sha)
    fi
    i=$((i / 2)) n=$((n / 2))
  done <inclusion.txt
  [ "$n $at" = "0 $root" ] || failed "the record is no leaf of the log in checkpoint"
  if [ -f log-key.pem ]; then
    sed -n '1,3p' checkpoint >"$scratch/note"
    sed -n '5p' checkpoint | awk '{print $NF}' | base64 -d | tail -c 64 >"$scratch/note.sig"
    openssl pkeyutl -verify -pubin -inkey log-key.pem -rawin -in "$scratch/note" -sigfile "$scratch/note.sig" \
      >"$scratch/openssl" 2>&1 || failed "openssl: the checkpoint's signature: $(head -n 1 "$scratch/openssl")"
  fi
fi

# Documents and waveforms are those that the record names, and all of them.
for file in documents/* waveforms/*/*.flac waveforms/*/*.raw waveforms/*/*.pcapng; do
  [ -e "$file" ] || continue
  grep -q "\"sha256\":\"$(sha <"$file")\"" record.json || failed "$file is not named by the record"
done
{ grep -o '"file":"waveforms/[0-9a-f/]*\.flac"' record.json || true; } | cut -d'"' -f4 | sort -u | while read -r file; do
  [ -f "$file" ] || { echo "FAILED: $file is missing"; exit 1; }
  flac -t -s "$file" >"$scratch/flac" 2>&1 || { echo "FAILED: flac: $file: $(head -n 1 "$scratch/flac")"; exit 1; }
done || exit 1

{ grep -o '"file":"waveforms/[0-9a-f/]*\.\(raw\|pcapng\)"' record.json || true; } | cut -d'"' -f4 | while read -r file; do
  [ -f "$file" ] || { echo "FAILED: $file is missing"; exit 1; }
done || exit 1

# Entries of the audit trail are signed by the keys that they name; whether one voids the run is what packed.json says.
voided=0
for file in audit/*.json; do
  [ -e "$file" ] || continue
  key=$(sed -n 's/.*,"key":"\(SHA256:[A-Za-z0-9+/]*\)"}$/\1/p' "$file")
  if [ -f "${file%.json}.sig" ]; then
    by=$(ssh-keygen -Y check-novalidate -n penrig-audit -s "${file%.json}.sig" <"$file" 2>&1) ||
      failed "ssh-keygen: $file: $(printf %s "$by" | head -n 1)"
    [ "${by##* }" = "$key" ] || failed "$file is signed by another key than it names"
  elif [ -n "$key" ]; then
    failed "$file names a key, and has no signature"
  fi
  ! grep -q ',"action":"run voided",' "$file" || voided=1
done
if [ "$voided" = 1 ]; then
  ! grep -q '^    "voided": null,$' packed.json || failed "packed.json does not say that the run is void"
else
  grep -q '^    "voided": null,$' packed.json || failed "packed.json says that the run is void, and no entry does"
fi

# The database and the rest.
[ "$(sqlite3 -readonly records.db 'PRAGMA integrity_check; PRAGMA foreign_key_check; SELECT count(*) FROM runs' 2>&1 | tr '\n' ' ')" = "ok 1 " ] ||
  failed "sqlite3: records.db is damaged"
for table in audit_entries calibrations archives archived_waveforms log_leaves; do
  # A version of old has not all of them.
  rows=$(sqlite3 -readonly records.db "SELECT count(*) FROM $table" 2>/dev/null) || continue
  [ "$rows" = 0 ] || failed "sqlite3: records.db holds $table, which belong to no run"
done
xmllint --noout junit.xml 2>"$scratch/xml" || failed "xmllint: $(head -n 1 "$scratch/xml")"
echo verified
