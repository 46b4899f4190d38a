import { OidcgwError } from '../errors.js'
import type { LoginOptions, Profile } from '../profile/profile.js'
import type { ClientHost, ClientOptions } from './client-options.js'
import type { Provider } from './connect.js'
import { driveForm } from './form-driver.js'
import { startLoopback, type Loopback, type Redirect } from './loopback.js'
import { awaitPastedRedirect, readPastedRedirect, terminalOf } from './paste-back.js'
import { showUrl } from './show-url.js'
import { isLoopback } from './transport.js'

/** Somewhere for the provider to send the browser back to. */
export interface RedirectReceiver {
  readonly redirectUri: URL
  /** Brings the person (or the form driver) to `url` and waits for what comes back. */
  readonly receive: (url: URL) => Promise<Redirect>
  readonly close: () => Promise<void>
}

/**
 * By the profile's driver: the form driver; a listener on loopback; pasting, where the redirect URI leads elsewhere, and beside the listener
 * where the browser is on another machine.
 *
 * @param responseMode `form_post` leaves nothing in the address that could be pasted.
 */
export async function createReceiver(provider: Provider, host: ClientHost, responseMode?: string): Promise<RedirectReceiver> {
  const { profile, options } = provider
  const login = profile.login ?? {}
  if (login.driver === 'form') return formReceiver(provider, host)
  const fixed = login.redirect_uri === undefined ? undefined : new URL(login.redirect_uri)
  if (fixed && !(fixed.protocol === 'http:' && isLoopback(fixed))) return pasteReceiver(fixed, host, options)
  const loopback = await startLoopback({
    host: login.redirect_host ?? fixed?.hostname ?? '127.0.0.1',
    port: login.redirect_port ?? Number(fixed?.port ?? 0),
    path: login.redirect_path ?? fixed?.pathname ?? '/callback',
  })
  return {
    redirectUri: loopback.redirectUri,
    close: loopback.close,
    async receive(url) {
      const opened = await showUrl(`Sign in at:\n${url.href}`, url, host, options)
      const pastable = !opened && responseMode !== 'form_post'
      return listenOrPaste(loopback, host, login, pastable ? options : {})
    },
  }
}

/** Whichever comes first: the redirect itself, or its address pasted from a browser that cannot reach us. */
async function listenOrPaste(
  { redirectUri, wait }: Loopback,
  host: ClientHost,
  { timeoutMs }: Pick<LoginOptions, 'timeoutMs'>,
  { interactive, say }: ClientOptions,
): Promise<Redirect> {
  const over = new AbortController()
  const signal = AbortSignal.any([host.signal, over.signal])
  const redirected = wait({ signal, ...(timeoutMs !== undefined && { timeoutMs }) })
  const terminal = interactive ? terminalOf(host) : undefined
  if (!terminal) return redirected
  try {
    const pasted = awaitPastedRedirect(terminal, redirectUri, { ...(say && { say }) }, signal).then(unanswerable)
    return await Promise.race([redirected, pasted])
  } finally {
    over.abort()
  }
}

/** The browser of a pasted redirect is out of reach. */
const unanswerable = (parameters: URLSearchParams): Redirect => ({ parameters, answer: async () => undefined })

function pasteReceiver(redirectUri: URL, host: ClientHost, { say, interactive }: ClientOptions): RedirectReceiver {
  const terminal = interactive ? terminalOf(host) : undefined
  return {
    redirectUri,
    close: async () => undefined,
    async receive(url) {
      if (!terminal) {
        throw new OidcgwError('ERR_NEEDS_PERSON', `nothing here can receive ${redirectUri.href}: somebody has to paste it`, {
          hint: 'Use a redirect URI on 127.0.0.1, or login: { driver: form }',
        })
      }
      const ask = (): void =>
        say?.(`Sign in at:\n${url.href}\nThen paste the address you were sent to (${redirectUri.href}?…); it is not shown:`)
      return unanswerable(await readPastedRedirect(terminal, redirectUri, ask, host.signal))
    },
  }
}

function formReceiver({ profile, secrets, options }: Provider, host: ClientHost): RedirectReceiver {
  const redirectUri = formRedirectUri(profile.login ?? {})
  return {
    redirectUri,
    close: async () => undefined,
    async receive(url) {
      const { username, password } = credentialsOf(profile)
      const { tls, timeoutMs, allowHttp } = options
      const redirected = await driveForm(url, redirectUri, host, {
        username,
        password: await secrets(password, `password of ${username}`),
        ...(tls && { tls }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        ...(allowHttp && { allowHttp }),
      })
      return { parameters: redirected.form ?? parametersIn(redirected.url), answer: async () => undefined }
    },
  }
}

/** Query, or the fragment that a browser would keep to itself. */
const parametersIn = ({ hash, searchParams }: URL): URLSearchParams => (hash.length > 1 ? new URLSearchParams(hash.slice(1)) : searchParams)

/** Nothing listens there: the driver stops before it. */
function formRedirectUri({ redirect_uri, redirect_host = '127.0.0.1', redirect_port, redirect_path = '/callback' }: LoginOptions): URL {
  return new URL(redirect_uri ?? `http://${redirect_host}${redirect_port ? `:${redirect_port}` : ''}${redirect_path}`)
}

function credentialsOf({ name, login }: Profile): { username: string; password: string } {
  if (login?.username && login.password) return { username: login.username, password: login.password }
  throw new OidcgwError('ERR_USAGE', `profile ${name}: the form driver needs login: { username, password }`, {
    hint: 'Write login: { driver: form, username: alice, password: env:ALICE_PASSWORD }',
  })
}
