import { byPosition } from '../../provider/pairs.js'
import type { Exchange, Reply } from '../plugin.js'
import { LOGIN_RESPONSE_MEMBERS } from './code-flow/unconfirmed.js'
import { redirectReply } from './replies.js'
import type { LoginContext, OidcContext, Principal } from './types.js'

/**
 * What follows a successful login (section 2.6), for the methods in `login_methods`: undefined lets the request go upstream.
 * Call it last, when session and headers are set.
 */
export function loginAction(
  principal: Principal,
  login: LoginContext | undefined,
  exchange: Exchange,
  context: OidcContext,
): Reply | undefined {
  const { config } = context
  if (!config.login_methods.includes(principal.method)) return undefined
  switch (config.login_action) {
    case 'redirect':
      return redirectAfterLogin(principal, login, exchange, context)
    case 'response':
      return respondWithTokens(principal, exchange, context)
    case 'upstream':
      if (login && config.preserve_query_args) exchange.upstreamQuery = queryOf(login.originalUrl)
      return undefined
  }
}

/** 302 to `login_redirect_uri`, else to the URL first asked for: a path of ours, which no request can make lead elsewhere (G-102). */
function redirectAfterLogin(
  principal: Principal,
  login: LoginContext | undefined,
  exchange: Exchange,
  { config }: OidcContext,
): Reply | undefined {
  const configured = byPosition(config.login_redirect_uri, principal.clientIndex)
  // without a login behind us the same URL would be asked for again and again
  if (configured === undefined && !login) return undefined
  const target = configured ?? login?.originalUrl ?? '/'
  const query = configured !== undefined && config.preserve_query_args && login ? queryOf(login.originalUrl) : ''
  const listed = Object.entries(listedTokens(principal, exchange, config.login_tokens ?? []))
  const tokens = new URLSearchParams(listed.map(([name, value]): [string, string] => [name, String(value)])).toString()
  exchange.downstream.set('Cache-Control', 'no-store')
  return redirectReply(
    config.login_redirect_mode === 'query'
      ? withQuery(target, [query, tokens])
      : `${withQuery(target, [query])}${tokens === '' ? '' : `#${tokens}`}`,
  )
}

function respondWithTokens(principal: Principal, exchange: Exchange, { config }: OidcContext): Reply {
  const listed = config.login_tokens ?? []
  const body = listed.includes('introspection') && !listed.includes('tokens') ? principal.introspection : undefined
  const shown = listedTokens(principal, exchange, listed)
  exchange.downstream.set('Cache-Control', 'no-store')
  return {
    status: 200,
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify(body ?? { ...shown, ...(listed.includes('tokens') && furtherMembers(principal, shown)) }),
  }
}

/** The tokens that `login_tokens` lists; `tokens` means the whole token response. */
function listedTokens({ tokens }: Principal, exchange: Exchange, listed: readonly string[]): Record<string, string | number> {
  const isWhole = listed.includes('tokens')
  const shown: Record<string, string | number> = {}
  for (const name of LOGIN_RESPONSE_MEMBERS) {
    const token = tokens[name]
    if (token !== undefined && (isWhole || listed.includes(name))) shown[name] = token
  }
  if (!isWhole) return shown
  if (tokens.token_type !== undefined) shown['token_type'] = tokens.token_type
  if (tokens.scope !== undefined) shown['scope'] = tokens.scope
  if (tokens.expires_at !== undefined) shown['expires_in'] = Math.max(0, Math.floor(tokens.expires_at - exchange.now() / 1000))
  return shown
}

/** What else the token endpoint said, as it said it. */
const furtherMembers = ({ tokenResponse = {} }: Principal, shown: object): object =>
  Object.fromEntries(Object.entries(tokenResponse).filter(([name]) => !Object.hasOwn(shown, name)))

const queryOf = (url: string): string => (url.includes('?') ? url.slice(url.indexOf('?') + 1) : '')

function withQuery(target: string, parts: readonly string[]): string {
  const query = parts.filter((part) => part !== '').join('&')
  if (query === '') return target
  return `${target}${target.includes('?') ? '&' : '?'}${query}`
}
