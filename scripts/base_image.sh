#!/bin/sh
# Makes a base image like Debian's slim Python one, from Debian's packages and without a registry.
# Use: scripts/base_image.sh NAME. Does nothing where the image is there, unless another version of
# this script made it. Needs root, debootstrap and buildah.
set -eu

name=$1
recipe=$(sha256sum "$0" | cut -c1-16)
found=$(buildah inspect --type image --format '{{index .OCIv1.Config.Labels "recipe"}}' "$name" 2>/dev/null || true)
if [ "$found" = "$recipe" ]; then
  echo "$name is there"
  exit 0
fi

# The mirror and the release that this machine's own packages come from.
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
components=$(apt-get indextargets --format '$(COMPONENT)' 'Created-By: Packages' | sort -u | paste -sd ,)
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
folder=$(mktemp -d)
container=
trap 'test -z "$container" || buildah rm "$container" >/dev/null; rm -rf "$folder"' EXIT

debootstrap --variant=minbase --components="$components" --include=python3-minimal,python3-venv,ca-certificates \
  "$release" "$folder/root" "$mirror" >"$folder/log" 2>&1 || { tail -n 20 "$folder/log"; exit 1; }
rm -rf "$folder"/root/var/cache/apt/* "$folder"/root/var/lib/apt/lists/* \
  "$folder"/root/var/log/* "$folder"/root/usr/share/doc/* "$folder"/root/usr/share/man/*
: >"$folder/root/etc/apt/sources.list"  # it names the mirror of this machine

container=$(buildah from scratch)
buildah add --quiet "$container" "$folder/root" / >/dev/null
buildah config --label "recipe=$recipe" --env PATH=/usr/local/bin:/usr/bin:/bin --cmd python3 "$container"
buildah commit --quiet "$container" "$name" >/dev/null
echo "$name was made"
