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
  const body = Buffer.concat(chunks)
  const type = message.headers['content-type'] ?? ''
  const config = await readConfig(body, type, type.split(';')[0]?.trim().toLowerCase() ?? '')
  return config ? { ok: true, text: config } : { ok: false, status: 400, message: 'expected a declarative configuration' }
}

async function readConfig(body: Buffer, type: string, mediaType: string): Promise<string | undefined> {
  switch (mediaType) {
    case 'multipart/form-data':
      return partConfig(body, type)
    case 'application/x-www-form-urlencoded':
      return new URLSearchParams(body.toString('utf8')).get('config') ?? undefined
    case 'application/json':
      return memberConfig(body.toString('utf8'))
    default:
      return body.toString('utf8')
  }
}

/** `curl -F config=@kong.yaml`, as Kong's own documentation posts it. */
async function partConfig(body: Buffer, type: string): Promise<string | undefined> {
  const form = await new Response(body, { headers: { 'content-type': type } }).formData().catch(() => undefined)
  const part = form?.get('config') ?? undefined
  return typeof part === 'object' ? part.text() : part
}

function memberConfig(text: string): string {
  try {
    const value = JSON.parse(text) as { config?: unknown } | null
    return typeof value?.config === 'string' ? value.config : text
  } catch {
    return text
  }
}
