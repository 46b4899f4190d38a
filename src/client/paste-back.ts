import { OidcgwError } from '../errors.js'
import type { Host } from '../host.js'

/**
 * The parameters of a redirected URL that somebody pastes on standard input: the whole URL, or its query.
 * @throws {OidcgwError} `ERR_LOGIN_RESPONSE` when the line is neither, `ERR_LOGIN_ABANDONED` when there is none.
 */
export async function readPastedRedirect({ stdin }: Pick<Host, 'stdin'>, redirectUri: URL): Promise<URLSearchParams> {
  let text = ''
  for await (const chunk of stdin) {
    text += Buffer.from(chunk as string).toString('utf8')
    if (text.includes('\n')) break
  }
  const line = text.split('\n', 1)[0]?.trim() ?? ''
  if (line === '') throw new OidcgwError('ERR_LOGIN_ABANDONED', 'nothing was pasted')
  const url = URL.parse(line.startsWith('?') ? `${redirectUri.href}${line}` : line)
  if (url?.origin === redirectUri.origin && url.pathname === redirectUri.pathname) return url.searchParams
  throw new OidcgwError('ERR_LOGIN_RESPONSE', `what was pasted does not begin with ${redirectUri.href}`, {
    hint: 'Copy the whole address of the page that could not be shown',
  })
}
