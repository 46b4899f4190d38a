import { headerText, type ProbeAnswer } from '../request.js'

/** Whether the answer is an HTML page that asks for a password. A script that reads only statuses takes its 200 for an open door. */
export function isLoginPage(answer: ProbeAnswer): boolean {
  if (!/^\s*(text\/html|application\/xhtml)/i.test(headerText(answer.headers, 'content-type') ?? '')) return false
  return /<input\b[^>]*\btype\s*=\s*["']?password\b/i.test(answer.body.toString('latin1'))
}

/** Parameters of the authorization request in the answer's `Location`, or undefined when it is no such redirect (RFC 6749 §4.1.1, RFC 9126, RFC 9101). */
export function authorizationRequestOf(answer: ProbeAnswer, base: string): URLSearchParams | undefined {
  if (![301, 302, 303, 307, 308].includes(answer.status)) return undefined
  const location = headerText(answer.headers, 'location')
  if (location === undefined || !URL.canParse(location, base)) return undefined
  const { searchParams } = new URL(location, base)
  const asks = ['response_type', 'request', 'request_uri'].some((name) => searchParams.has(name))
  return searchParams.has('client_id') && asks ? searchParams : undefined
}

/** What an answer looks like to somebody who wants in, in a few words. */
export function describeAccess(answer: ProbeAnswer, base: string): string {
  if (authorizationRequestOf(answer, base)) return `${answer.status} to a login`
  if (isLoginPage(answer)) return `a ${answer.status} login page`
  if (answer.status >= 300 && answer.status < 400) return `${answer.status} to somewhere else`
  return String(answer.status)
}
