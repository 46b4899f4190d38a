import type { HttpRequest, HttpResponse, RequestFunction } from '../host.js'
import { maskKnown, redactForm, redactHeader, redactText, redactUrl, secretsOf } from '../http/redact.js'

/** Tells each request and answer, headers and text bodies, with every secret masked (`-vv`). */
export function traceWire(request: RequestFunction, tell: (line: string) => void): RequestFunction {
  return async (asked) => {
    for (const line of requestLines(asked)) tell(`> ${line}`)
    const answer = await request(asked)
    const withoutEcho = maskKnown(secretsOf(asked))
    for (const line of answerLines(answer)) tell(`< ${withoutEcho(line)}`)
    return answer
  }
}

function requestLines({ method, url, headers = {}, body }: HttpRequest): string[] {
  const text = typeof body === 'string' ? body : body ? `(${body.length} bytes)` : ''
  return [`${method} ${redactUrl(url)}`, ...headerLines(headers), ...(text ? [redactForm(text)] : [])]
}

function answerLines({ status, headers, body, durationMs }: HttpResponse): string[] {
  return [
    `${status} (${Math.round(durationMs)} ms)`,
    ...headerLines(headers),
    ...(body.length > 0 ? [bodyLine(headers['content-type'], body)] : []),
  ]
}

function headerLines(headers: Readonly<Record<string, string | readonly string[] | undefined>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => [value ?? []].flat().map((one) => `${name}: ${redactHeader(name, one)}`))
}

function bodyLine(type: unknown, body: Buffer): string {
  if (!/json|text|urlencoded/.test(String(type))) return `(${body.length} bytes)`
  const text = body.toString('utf8')
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) => (typeof value === 'string' ? redactMember(name, value) : value))
  } catch {
    return redactText(text.slice(0, 2000))
  }
}

/** A JSON member is judged by the rules for a form field of that name. */
function redactMember(name: string, value: string): string {
  const form = redactForm(`${name}=x`)
  return form === `${name}=x` ? redactText(value) : form.slice(name.length + 1)
}
