#!/bin/sh
# Starts Firefox for Playwright, which tells it to shut down as soon as a page's process crashes: here pages crash on purpose.
unset MOZ_CRASHREPORTER_SHUTDOWN
exec "$HOLDFAST_FIREFOX_FILE" "$@"
