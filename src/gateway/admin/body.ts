import type { IncomingMessage } from 'node:http'

/** Documents larger than this are refused with 413. */
const LIMIT = 16 * 1024 * 1024

export type PostedDocument =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly status: 400 | 413; readonly message: string }

/** The document of a `POST /config`: the body itself, or its member or field `config` (section 8.7). */
export async function readPostedDocument(message: IncomingMessage): Promise<PostedDocument> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of message.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > LIMIT) return { ok: false, status: 413, message: `the document is larger than ${LIMIT} bytes` }
    chunks.push(chunk)
  }
  const text = Buffer.concat(chunks).toString('utf8')
  const type = message.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  const config =
    type === 'application/x-www-form-urlencoded'
      ? new URLSearchParams(text).get('config')
      : type === 'application/json'
        ? memberConfig(text)
        : text
  return config ? { ok: true, text: config } : { ok: false, status: 400, message: 'expected a declarative configuration' }
}

function memberConfig(text: string): string {
  try {
    const value = JSON.parse(text) as { config?: unknown } | null
    return typeof value?.config === 'string' ? value.config : text
  } catch {
    return text
  }
}
