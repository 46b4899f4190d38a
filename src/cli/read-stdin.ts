import type { InputStream } from '../host.js'

/** Everything that stands on standard input. */
export async function readStdin(stdin: InputStream): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Uint8Array))
  return Buffer.concat(chunks)
}
