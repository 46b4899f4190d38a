import { OidcgwError } from '../errors.js'
import type { InputStream } from '../host.js'

// Not imported: an ESM import of node:fs loads all of node's streams with it.
const { fstatSync, readSync } = process.getBuiltinModule('node:fs')

const CHUNK_BYTES = 64 * 1024

/**
 * Standard input. A file or a pipe is read directly, without the stream machinery, which would cost a fifth of a short command's time;
 * a terminal, and a pipe that is not ready, go through `process.stdin`.
 *
 * @throws {OidcgwError} `ERR_INPUT_NOT_FOUND` while reading what cannot be read, such as a folder.
 */
export function createProcessStdin(descriptor = 0): InputStream {
  return {
    get isTTY() {
      return isCharacterDevice(descriptor) && process.stdin.isTTY
    },
    readLine: async (...call) => (await import('./terminal-line.js')).readTerminalLine(...call),
    async *[Symbol.asyncIterator]() {
      if (isCharacterDevice(descriptor)) return yield* process.stdin as AsyncIterable<Uint8Array>
      for (;;) {
        const chunk = readChunk(descriptor)
        if (chunk === undefined) return yield* process.stdin as AsyncIterable<Uint8Array>
        if (chunk.length === 0) return
        yield chunk
      }
    },
  }
}

/** Undefined when nothing can be read right now; empty at the end. */
function readChunk(descriptor: number): Uint8Array | undefined {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  try {
    return buffer.subarray(0, readSync(descriptor, buffer))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return undefined
    if (code === 'EOF') return new Uint8Array()
    throw new OidcgwError('ERR_INPUT_NOT_FOUND', `stdin cannot be read (${code ?? 'error'})`, {
      cause: error,
      hint: code === 'EISDIR' ? 'It is a folder: redirect a file' : 'Redirect a file, or pipe something in',
    })
  }
}

function isCharacterDevice(descriptor: number): boolean {
  try {
    return fstatSync(descriptor).isCharacterDevice()
  } catch {
    return false
  }
}
