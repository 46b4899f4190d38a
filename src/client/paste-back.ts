import { OidcgwError } from '../errors.js'
import type { Host, InputStream } from '../host.js'
import type { ClientOptions } from './client-options.js'

type Terminal = Required<Pick<InputStream, 'readLine'>>

/** Where somebody can paste, if anywhere. */
export const terminalOf = ({ stdin }: Pick<Host, 'stdin'>): Terminal | undefined =>
  stdin.isTTY && stdin.readLine ? { readLine: stdin.readLine } : undefined

/**
 * The parameters of a redirected URL that somebody pastes: the whole URL, or its query.
 * @throws {OidcgwError} `ERR_LOGIN_RESPONSE` when the line is neither, `ERR_LOGIN_ABANDONED` when there is none.
 */
export async function readPastedRedirect(
  { readLine }: Terminal,
  redirectUri: URL,
  ask: () => void,
  signal: AbortSignal,
): Promise<URLSearchParams> {
  const line = (await readLine(ask, signal))?.trim() ?? ''
  if (line === '') throw new OidcgwError('ERR_LOGIN_ABANDONED', 'nothing was pasted')
  const parameters = parametersIn(line, redirectUri)
  if (parameters) return parameters
  throw new OidcgwError('ERR_LOGIN_RESPONSE', notOurs(redirectUri), {
    hint: 'Copy the whole address of the page that could not be shown',
  })
}

/**
 * The same beside a listener: whatever else is pasted is told and forgotten, and the end of input leaves the waiting to the listener.
 * Rejects when `signal` aborts.
 */
export async function awaitPastedRedirect(
  { readLine }: Terminal,
  redirectUri: URL,
  { say }: Pick<ClientOptions, 'say'>,
  signal: AbortSignal,
): Promise<URLSearchParams> {
  let ask = (): void =>
    say?.(`If that browser is on another machine, paste the address it ends at (${redirectUri.href}?…) here; it is not shown.`)
  for (;;) {
    const line = await readLine(ask, signal)
    if (line === undefined) return new Promise(() => undefined)
    const parameters = parametersIn(line.trim(), redirectUri)
    if (parameters) return parameters
    ask = line.trim() === '' ? () => undefined : () => say?.(`${notOurs(redirectUri)}; still waiting`)
  }
}

function parametersIn(line: string, redirectUri: URL): URLSearchParams | undefined {
  const url = URL.parse(line.startsWith('?') ? `${redirectUri.href}${line}` : line)
  return url?.origin === redirectUri.origin && url.pathname === redirectUri.pathname ? url.searchParams : undefined
}

const notOurs = (redirectUri: URL): string => `what was pasted does not begin with ${redirectUri.href}`
