import type { ServerResponse } from 'node:http'
import { renderCoreError } from './core-error.js'
import { HeaderEdits } from './header-edits.js'
import type { Reply } from './plugins/plugin.js'
import { SERVER_NAME } from './server-name.js'

export interface AnswerFacts {
  readonly requestId: string
  readonly accept: string | undefined
  /** Milliseconds since the request came. */
  readonly latencyMs: number
  readonly downstream?: HeaderEdits | undefined
  /** The client still sends: the connection ends with this answer, leftovers are never read as a request. */
  readonly closes: boolean
}

/** Sends an answer of the gateway's own, with the fields of section 6.4. Refusals, redirects and cookies are cached by nobody (G-136). */
export function answer(response: ServerResponse, reply: Reply, facts: AnswerFacts): void {
  const edits = facts.downstream ?? new HeaderEdits()
  const fields: string[] = []
  const add = (name: string, value: string): void => {
    if (!edits.removesCanonical(name.toLowerCase())) fields.push(name, value)
  }
  const given = new HeaderEdits()
  for (const [name, value] of Object.entries(reply.headers ?? {})) for (const one of [value].flat()) given.append(name, one)
  let body = reply.body ?? ''
  if (reply.core) {
    const rendered = renderCoreError(body, facts.requestId, facts.accept)
    body = rendered.body
    add('Content-Type', rendered.contentType)
  } else if (body !== '' && given.get('content-type') === undefined) {
    add('Content-Type', 'application/json; charset=utf-8')
  }
  given.writeTo(fields)
  const isPersonal = reply.status >= 300 || given.get('set-cookie') !== undefined || edits.get('set-cookie') !== undefined
  if (isPersonal && given.get('cache-control') === undefined) add('Cache-Control', 'no-store')
  // as octets: node writes fields in the encoding of a text that follows them, and ours are UTF-8 octets already
  const octets = Buffer.from(body)
  if (reply.status !== 204 && reply.status !== 304) fields.push('Content-Length', String(octets.length))
  add('X-Kong-Response-Latency', String(Math.round(facts.latencyMs)))
  add('Server', SERVER_NAME)
  add('X-Kong-Request-Id', facts.requestId)
  if (facts.closes) fields.push('Connection', 'close')
  edits.writeTo(fields)
  response.writeHead(reply.status, fields)
  response.end(octets)
}
