import type { ReasonCode } from '../trace/reason.js'
import type { Reply } from './plugins/plugin.js'

export type CoreReply = Reply & { readonly core: true }

/** An answer in Kong's words for what the core itself refuses: template body with `request_id` (section 8.4). */
export const coreError = (status: number, message: string, reason?: ReasonCode, headers?: Reply['headers']): CoreReply => ({
  status,
  body: message,
  core: true,
  ...(reason && { reason }),
  ...(headers && { headers }),
})

const TEMPLATES = {
  'application/json': (message: string, id: string) => `{\n  "message":${JSON.stringify(message)},\n  "request_id":"${id}"\n}`,
  'text/html': (message: string, id: string) =>
    `<!doctype html>\n<html>\n  <head><title>Error</title></head>\n  <body>\n    <h1>Error</h1>\n    <p>${escapeMarkup(message)}.</p>\n    <p>request_id: ${id}</p>\n  </body>\n</html>\n`,
  'application/xml': (message: string, id: string) =>
    `<?xml version="1.0" encoding="UTF-8"?>\n<error>\n  <message>${escapeMarkup(message)}</message>\n  <requestid>${id}</requestid>\n</error>\n`,
  'text/plain': (message: string, id: string) => `${message}\nrequest_id: ${id}\n`,
} as const

/** Body and media type of a core error, chosen by `Accept`; JSON when the client has no preference. Nothing of the request is echoed. */
export function renderCoreError(message: string, requestId: string, accept: string | undefined): { contentType: string; body: string } {
  const type = preferredType(accept)
  return { contentType: `${type}; charset=utf-8`, body: TEMPLATES[type](message, requestId) }
}

function preferredType(accept: string | undefined): keyof typeof TEMPLATES {
  if (accept === undefined || accept === '*/*') return 'application/json'
  const wanted = accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.toLowerCase().split(';')
    const quality = parameters.map((parameter) => /^\s*q=([\d.]+)\s*$/.exec(parameter)?.[1]).find((q) => q !== undefined)
    return { type: type.trim(), quality: quality === undefined ? 1 : Number(quality) }
  })
  for (const { type } of wanted.filter(({ quality }) => quality > 0).toSorted((a, b) => b.quality - a.quality)) {
    const found = (Object.keys(TEMPLATES) as (keyof typeof TEMPLATES)[]).find(
      (candidate) => type === candidate || type === '*/*' || type === `${candidate.split('/')[0]}/*`,
    )
    if (found) return found
  }
  return 'application/json'
}

const escapeMarkup = (text: string): string => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
