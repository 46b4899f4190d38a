import type { IncomingMessage, ServerResponse } from 'node:http'
import type { InteractionResults } from 'oidc-provider'
import { DEFAULT_ACR, knownAcrs } from './interaction-policy.js'
import { PATHS } from './endpoints.js'
import { readForm } from './body.js'
import { expiredPage } from './pages/error.js'
import { PAGE_HEADERS, documentOf, type Page } from './pages/layout.js'
import { consentPage, loginPage } from './pages/login.js'
import type { IdpState } from './state.js'

const CANCELLED: InteractionResults = { error: 'access_denied', error_description: 'the person cancelled the sign-in' }
const DENIED: InteractionResults = { error: 'access_denied', error_description: 'the person refused consent' }

/** The sign-in and consent pages, `GET` and `POST` of `/login/:uid`. The interaction's own cookie binds them to the browser. */
export async function handleInteraction(request: IncomingMessage, response: ServerResponse, state: IdpState): Promise<void> {
  const { provider, accounts, basePath } = state
  const details = await provider.interactionDetails(request, response).catch(() => undefined)
  if (!details) return send(response, expiredPage())
  const { params, prompt, uid } = details
  const facts = {
    action: `${basePath}${PATHS.login}/${uid}`,
    application: state.applications.find(String(params['client_id']))?.name ?? String(params['client_id']),
    ...(typeof params['login_hint'] === 'string' && { username: params['login_hint'] }),
  }
  const scopes = typeof params['scope'] === 'string' ? params['scope'].split(' ') : []
  const isConsent = prompt.name === 'consent'
  if (request.method !== 'POST') return send(response, isConsent ? consentPage({ ...facts, scopes }) : loginPage(facts))

  const form = await readForm(request)
  const finish = (result: InteractionResults): Promise<void> =>
    provider.interactionFinished(request, response, result, { mergeWithLastSubmission: !('error' in result) })
  if (isConsent) return finish(form.get('decision') === 'allow' ? { consent: {} } : DENIED)
  if (form.has('cancel')) return finish(CANCELLED)
  const username = form.get('username')?.trim() ?? ''
  const account = accounts.check(username, form.get('password'))
  if (!account) return send(response, loginPage({ ...facts, username, failed: true }))
  const acr = knownAcrs(params['acr_values'])[0] ?? DEFAULT_ACR
  const amr = acr === DEFAULT_ACR ? ['pwd'] : ['pwd', 'mfa']
  return finish({ login: { accountId: account.username, acr, amr, remember: true } })
}

function send(response: ServerResponse, page: Page): void {
  response.writeHead(page.status ?? 200, PAGE_HEADERS).end(documentOf(page))
}
