import type { InputStream } from '../host.js'

// Not imported: an ESM import of node:fs loads all of node's streams with it.
const { fstatSync, readSync } = process.getBuiltinModule('node:fs')

const CHUNK_BYTES = 64 * 1024

/**
 * Standard input. A file or a pipe is read directly, without the stream machinery, which would cost a fifth of a short command's time;
 * a terminal, and a pipe that is not ready, go through `process.stdin`.
 */
export function createProcessStdin(): InputStream {
  return {
    get isTTY() {
      return isCharacterDevice() && process.stdin.isTTY
    },
    async *[Symbol.asyncIterator]() {
      if (isCharacterDevice()) return yield* process.stdin as AsyncIterable<Uint8Array>
      for (;;) {
        const chunk = readChunk()
        if (chunk === undefined) return yield* process.stdin as AsyncIterable<Uint8Array>
        if (chunk.length === 0) return
        yield chunk
      }
    },
  }
}

/** Undefined when nothing can be read right now; empty at the end. */
function readChunk(): Uint8Array | undefined {
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES)
  try {
    return buffer.subarray(0, readSync(0, buffer))
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EAGAIN') return undefined
    if (code === 'EOF') return new Uint8Array()
    throw error
  }
}

function isCharacterDevice(): boolean {
  try {
    return fstatSync(0).isCharacterDevice()
  } catch {
    return false
  }
}
