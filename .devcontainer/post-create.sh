#!/usr/bin/env bash
# Makes a fresh checkout ready: restore, build, register the notebooks' kernel for this user, check the machine.
set -euo pipefail
cd "$(dirname "$0")/.."

dotnet restore
dotnet build --no-restore -c Release
didd() { dotnet exec lib/bin/DIDD.Cli.dll "$@"; }
didd notebooks kernel install --user
didd doctor
