import { withoutCookies } from '../../../http/cookies.js'
import type { OpenIdConnectConfig } from '../../../kong/openid-connect/config.js'
import type { Exchange } from '../plugin.js'
import { bodyKind } from './request-arguments.js'
import type { CredentialSource, Eventually } from './types.js'

/** Takes the credential that succeeded away from what goes upstream; others on the same request stay. Only a body is waited for. */
export function hideCredential(exchange: Exchange, source: CredentialSource): Eventually<void> {
  switch (source.in) {
    case 'header':
      return exchange.upstream.remove(source.name)
    case 'query':
      exchange.upstreamQuery = withoutArguments(exchange.upstreamQuery ?? exchange.request.query, source.names)
      return
    case 'cookie':
      return hideCookies(exchange, (name) => source.names.includes(name))
    case 'body':
      return hideMembers(exchange, source.names)
  }
}

async function hideMembers(exchange: Exchange, names: readonly string[]): Promise<void> {
  const body = exchange.upstreamBody ?? (await exchange.request.body())
  if (body) exchange.upstreamBody = withoutMembers(exchange, body, names)
}

/** The plugin's own cookies are credentials too: with their numbered pieces they never go upstream (G-38). */
export function hideSessionCookies(exchange: Exchange, config: OpenIdConnectConfig): void {
  const { cookie } = exchange.request.headers
  const own = [config.session_cookie_name, config.session_remember_cookie_name, config.authorization_cookie_name]
  if (cookie === undefined || !own.some((name) => cookie.includes(name))) return
  hideCookies(exchange, (name) => own.includes(name.replace(/[2-9]$/, '')) || own.includes(name))
}

/** The `Cookie` field for the upstream without some cookies, on top of what others took away already. */
function hideCookies(exchange: Exchange, isHidden: (name: string) => boolean): void {
  const field =
    exchange.upstream.get('cookie')?.join('; ') ?? (exchange.upstream.removes('cookie') ? undefined : exchange.request.headers['cookie'])
  const kept = withoutCookies(field, isHidden)
  if (kept === undefined) exchange.upstream.remove('cookie')
  else exchange.upstream.set('cookie', kept)
}

/** The other arguments stay byte for byte. */
function withoutArguments(query: string, names: readonly string[]): string {
  return query
    .split('&')
    .filter((pair) => !names.includes([...new URLSearchParams(pair).keys()][0] ?? ''))
    .join('&')
}

function withoutMembers({ request }: Exchange, body: Buffer, names: readonly string[]): Buffer {
  const text = body.toString('utf8')
  if (bodyKind(request) === 'form') return Buffer.from(withoutArguments(text, names))
  const members = Object.entries(JSON.parse(text) as Record<string, unknown>).filter(([name]) => !names.includes(name))
  return Buffer.from(JSON.stringify(Object.fromEntries(members)))
}
