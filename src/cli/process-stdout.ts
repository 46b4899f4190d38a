import type { OutputStream } from '../host.js'

// Not imported: an ESM import of node:fs loads all of node's streams with it.
const { fstatSync, writeSync } = process.getBuiltinModule('node:fs')

/**
 * Standard output. A file or a pipe is written directly and at once, without the stream machinery, which would cost a tenth of a short
 * command's time; a terminal goes through `process.stdout`. A reader that leaves early (`| head`) is no error: we leave too.
 */
export function createProcessStdout(): OutputStream {
  return {
    get isTTY() {
      return isCharacterDevice() && process.stdout.isTTY
    },
    get columns() {
      return isCharacterDevice() ? process.stdout.columns : undefined
    },
    write: (text) => (isCharacterDevice() ? process.stdout.write(text) : writeAll(Buffer.from(text))),
  }
}

function writeAll(bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EPIPE') process.exit(0)
      if (code !== 'EAGAIN') throw error
      // A pipe that is full and does not block: wait for its reader.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}

let characterDevice: boolean | undefined
function isCharacterDevice(): boolean {
  return (characterDevice ??= fstatSync(1).isCharacterDevice())
}
