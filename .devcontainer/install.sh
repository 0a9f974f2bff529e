#!/usr/bin/env bash
# Installs, as root on Debian or Ubuntu, what notebooks need beside the .NET SDK: OpenMP for libtorch, and Jupyter with its clients.
set -euo pipefail

export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends \
    ca-certificates git libgomp1 \
    jupyter-client jupyter-nbconvert jupyter-notebook python3-nbclient python3-jupyter-kernel-test
rm -rf /var/lib/apt/lists/*
