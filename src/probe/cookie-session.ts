import type { ClientHost } from '../client/client-options.js'
import { driveForm } from '../client/form-driver.js'
import { readSecret } from '../config/secret-reference.js'
import { OidcgwError } from '../errors.js'
import type { HttpResponse, TlsOptions } from '../host.js'
import type { Profile } from '../profile/profile.js'
import { createJar, type Jar } from './cookie-jar.js'
import { authorizationRequestOf } from './expect/login-page.js'
import type { HeaderPair, ProbeAnswer, ProbeRequest } from './request.js'

export interface CookieSessionOptions {
  readonly tls?: TlsOptions
  readonly timeoutMs?: number
  readonly allowHttp?: boolean
}

/**
 * Signs a profile's person in *through the gateway*: asks for the route as a browser, fills in the provider's form where it sends us, and keeps the
 * cookies that the gateway set.
 * @throws {OidcgwError} `ERR_LOGIN_RESPONSE` when the route starts no login or sets no cookie, and as the form driver does.
 */
export async function openCookieSession(
  request: ProbeRequest,
  profile: Profile,
  host: ClientHost,
  options: CookieSessionOptions,
): Promise<Jar> {
  const { username, password } = profile.login ?? {}
  if (username === undefined || password === undefined) {
    throw new OidcgwError('ERR_NEEDS_PERSON', `profile ${profile.name}: a session by cookie needs somebody to sign in`, {
      hint: 'Write login: { driver: form, username: …, password: env:… } in the profile',
    })
  }
  const jar = createJar()
  const visit = async (url: URL, form?: URLSearchParams): Promise<ProbeAnswer> => {
    const plain: ProbeRequest = { method: form ? 'POST' : 'GET', origin: url.origin, path: url.pathname + url.search, headers: BROWSER }
    const sent = jar.addTo(plain)
    const answer = toAnswer(
      await host.request({
        method: sent.method,
        url,
        headers: { ...Object.fromEntries(sent.headers), ...(form && { 'content-type': 'application/x-www-form-urlencoded' }) },
        ...(form && { body: form.toString() }),
        signal: host.signal,
        ...(options.timeoutMs !== undefined && { timeoutMs: options.timeoutMs }),
        ...(options.tls && { tls: options.tls }),
      }),
    )
    jar.keep(sent, answer)
    return answer
  }
  const start = new URL(request.origin + request.path)
  const first = await visit(start)
  const parameters = authorizationRequestOf(first, start.href)
  const redirectUri = parameters?.get('redirect_uri')
  const location = first.headers.find(([name]) => name === 'location')?.[1]
  if (!redirectUri || location === undefined) {
    throw new OidcgwError('ERR_LOGIN_RESPONSE', `${request.origin} starts no login at ${start.pathname}: it answered ${first.status}`, {
      hint: 'present: cookie is for routes that send a browser to the provider',
    })
  }
  const secret = await readSecret(password, { host, what: `profiles.${profile.name}.login.password` })
  const arrival = await driveForm(new URL(location, start), new URL(redirectUri), host, { username, password: secret, ...options })
  const last = await visit(arrival.url, arrival.form)
  if (last.status >= 400) {
    throw new OidcgwError('ERR_LOGIN_RESPONSE', `the gateway refused the callback of ${profile.name}: ${last.status}`)
  }
  return jar
}

const BROWSER: readonly HeaderPair[] = [
  ['user-agent', 'oidcgw'],
  ['accept', 'text/html,application/xhtml+xml'],
]

function toAnswer({ status, headers, body, durationMs }: HttpResponse): ProbeAnswer {
  const pairs = Object.entries(headers).flatMap(([name, value]): HeaderPair[] =>
    value === undefined ? [] : [value].flat().map((one) => [name, one]),
  )
  return { status, statusMessage: '', headers: pairs, body, bodyBytes: body.length, firstByteMs: durationMs, totalMs: durationMs }
}
