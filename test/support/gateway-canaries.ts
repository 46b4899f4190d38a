import { formatAccess } from '../../src/gateway/access-log.js'
import type { Gateway } from '../../src/gateway/gateway.js'
import type { Idp } from '../../src/idp/idp.js'
import type { Lab } from '../../src/lab/lab.js'
import { Canaries } from './canaries.js'
import { addAuthorization, addCookies, addEnvironment, addMembers, addParameters, addSetCookie } from './command-canaries.js'
import type { Answer, Ask } from './protected-gateway.js'
import type { ScriptedProvider } from './scripted-provider.js'

const SECRET_FIELD = /secret|password/i

/** Secrets in a document: values of fields whose names say so, at any depth. */
export function addDocument(canaries: Canaries, value: unknown, name = ''): void {
  if (typeof value === 'string' && SECRET_FIELD.test(name)) canaries.add(`${name} of the document`, value)
  else if (Array.isArray(value)) for (const one of value) addDocument(canaries, one, name)
  else if (typeof value === 'object' && value !== null) for (const [key, one] of Object.entries(value)) addDocument(canaries, one, key)
}

/** Credentials of a request to the gateway, wherever they stand in it. */
export function addAsk(canaries: Canaries, { path = '', headers = {}, rawHeaders = [], body = '', bearer, basic }: Ask): void {
  canaries.add('bearer token that was sent', bearer)
  if (basic !== undefined) addAuthorization(canaries, `Basic ${Buffer.from(basic).toString('base64')}`)
  addParameters(canaries, new URLSearchParams(path.slice(path.indexOf('?') + 1)))
  addParameters(canaries, new URLSearchParams(body))
  const raw = rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [[name, rawHeaders[index + 1] ?? ''] as const] : []))
  for (const [name, value] of [...Object.entries(headers), ...raw]) {
    for (const one of [value].flat()) {
      if (name.toLowerCase() === 'authorization') addAuthorization(canaries, one)
      if (name.toLowerCase() === 'cookie') addCookies(canaries, one)
    }
  }
}

export function addAnswer(canaries: Canaries, { headers }: Pick<Answer, 'headers'>): void {
  for (const cookie of [headers['set-cookie'] ?? []].flat()) addSetCookie(canaries, cookie)
}

/** What a provider was sent and what it issued. */
export function addProvider(
  canaries: Canaries,
  provider: Partial<Pick<ScriptedProvider, 'requests' | 'answers'>> & Partial<Pick<Idp, 'applications' | 'accounts'>>,
): void {
  for (const { headers, query, form } of provider.requests ?? []) {
    if (headers.authorization) addAuthorization(canaries, headers.authorization)
    addParameters(canaries, query)
    addParameters(canaries, form)
  }
  for (const text of provider.answers ?? []) addMembers(canaries, text)
  for (const { client_secret } of Object.values(provider.applications ?? {})) canaries.add('client_secret of an application', client_secret)
  for (const { password } of provider.accounts ?? []) canaries.add('password of an account', password)
}

/** @throws when a secret shows in what the gateway keeps for its operator. */
export function expectSilentGateway(canaries: Canaries, { traces }: Pick<Gateway, 'traces'>, logs: readonly string[]): void {
  canaries.read('log', logs.join('\n'))
  canaries.read('trace', traces.map((trace) => JSON.stringify(trace)).join('\n'))
  canaries.read('access log', traces.map(formatAccess).join('\n'))
  canaries.expectSilence()
}

/** The same for a lab, after its work. */
export function expectSilentLab({ idp, gateway, environment }: Pick<Lab, 'idp' | 'gateway' | 'environment'>): void {
  const canaries = new Canaries()
  addEnvironment(canaries, environment)
  addProvider(canaries, idp)
  expectSilentGateway(canaries, gateway, [])
}
