import { OidcgwError } from '../errors.js'
import type { Host, HttpResponse, TlsOptions } from '../host.js'
import { redactUrl } from '../http/redact.js'
import { readForms, type FormField, type HtmlForm } from './html-form.js'
import { assertSecure } from './transport.js'

export interface FormLogin {
  readonly username: string
  readonly password: string
  readonly tls?: TlsOptions
  readonly timeoutMs?: number
  readonly allowHttp?: boolean
}

/** A request the browser would make next; with `form` it is a POST. */
export interface Arrival {
  readonly url: URL
  readonly form?: URLSearchParams
}

/** More steps than any login takes: the provider sends us in circles. */
const MAX_STEPS = 25

/**
 * Walks through the provider's own pages as a browser without scripts would, signs in, agrees, and returns the request to `redirectUri`
 * without making it. Fills by rule: the password field, the text field before it, hidden fields as they are, the first button that
 * does not cancel.
 *
 * @throws {OidcgwError} `ERR_LOGIN_DENIED` when the form comes back after it was filled, `ERR_LOGIN_RESPONSE` when there is no form or no end.
 */
export async function driveForm(start: URL, redirectUri: URL, host: Pick<Host, 'request' | 'signal'>, login: FormLogin): Promise<Arrival> {
  const { CookieJar } = await import('tough-cookie')
  const jar = new CookieJar(undefined, { rejectPublicSuffixes: false })
  let next: Arrival = { url: start }
  let gavePassword = false
  for (let step = 0; step < MAX_STEPS; step++) {
    if (isRedirect(next.url, redirectUri)) return next
    const answer = await visit(next, jar, host, login)
    const location = answer.status >= 300 && answer.status < 400 ? URL.parse(String(answer.headers['location'] ?? ''), next.url.href) : null
    if (location) {
      // 307 and 308 would carry the password on; no provider needs that.
      next = { url: location }
      continue
    }
    const form = chooseForm(readForms(answer.body.toString('utf8'), next.url))
    if (!form) throw stuck(next.url, `HTTP ${answer.status} without a form to fill in`)
    const asksPassword = form.fields.some(({ kind }) => kind === 'password')
    if (asksPassword && gavePassword) {
      throw new OidcgwError('ERR_LOGIN_DENIED', `the provider did not accept name and password of ${login.username}`, {
        hint: 'Check login: in the profile',
      })
    }
    gavePassword ||= asksPassword
    next = fill(form, login)
  }
  throw stuck(next.url, `no end after ${MAX_STEPS} pages`)
}

interface Cookies {
  getCookieString(url: string): Promise<string>
  setCookie(cookie: string, url: string, options: { ignoreError: boolean }): Promise<unknown>
}

async function visit(
  { url, form }: Arrival,
  jar: Cookies,
  host: Pick<Host, 'request' | 'signal'>,
  login: FormLogin,
): Promise<HttpResponse> {
  assertSecure(url, login)
  const cookie = await jar.getCookieString(url.href)
  const answer = await host.request({
    method: form ? 'POST' : 'GET',
    url,
    headers: {
      accept: 'text/html,application/xhtml+xml',
      ...(cookie && { cookie }),
      ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form && { body: form.toString() }),
    signal: host.signal,
    ...(login.tls && { tls: login.tls }),
    ...(login.timeoutMs !== undefined && { timeoutMs: login.timeoutMs }),
  })
  for (const line of [answer.headers['set-cookie'] ?? []].flat()) await jar.setCookie(line, url.href, { ignoreError: true })
  return answer
}

const isRedirect = (url: URL, redirectUri: URL): boolean => url.origin === redirectUri.origin && url.pathname === redirectUri.pathname

/** The one that asks for a password, else for a name, else the first that can be sent at all. */
function chooseForm(forms: readonly HtmlForm[]): HtmlForm | undefined {
  const having = (kind: FormField['kind']) => forms.find(({ fields }) => fields.some((field) => field.kind === kind))
  return having('password') ?? having('text') ?? forms.find(({ method }) => method === 'post') ?? forms[0]
}

const CANCELS = /cancel|abort|deny|den(y|ied)|reject|decline|\bno\b|register|sign ?up|forgot/i

function fill({ action, method, fields }: HtmlForm, { username, password }: FormLogin): Arrival {
  const values = new URLSearchParams()
  const passwordAt = fields.findIndex(({ kind }) => kind === 'password')
  const texts = fields.filter(({ kind }) => kind === 'text')
  const nameField =
    texts.find(({ name }) => /user|login|email|identifier|account/i.test(name)) ??
    fields.slice(0, passwordAt < 0 ? undefined : passwordAt).findLast(({ kind }) => kind === 'text')
  for (const field of fields) {
    if (!field.name || field.kind === 'submit') continue
    if (field === nameField) values.append(field.name, username)
    else if (field.kind === 'password') values.append(field.name, password)
    else if (field.kind !== 'check' || field.checked) values.append(field.name, field.value)
  }
  const button = fields.find(({ kind, label }) => kind === 'submit' && !CANCELS.test(label))
  if (button?.name) values.append(button.name, button.value)
  if (method === 'post') return { url: action, form: values }
  const url = new URL(action)
  url.search = values.toString()
  return { url }
}

const stuck = (url: URL, what: string): OidcgwError =>
  new OidcgwError('ERR_LOGIN_RESPONSE', `the form driver is stuck at ${redactUrl(url)}: ${what}`, {
    hint: 'It cannot run scripts; use login: { driver: browser } with this provider',
  })
