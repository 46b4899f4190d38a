import type { IncomingMessage } from 'node:http'

const LIMIT = 64 * 1024

/** The body of a request as text. A larger one than 64 KiB ends the reading with an error. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LIMIT) throw new RangeError('the body is too large')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

export const readForm = async (request: IncomingMessage): Promise<URLSearchParams> => new URLSearchParams(await readBody(request))
