import type { HttpRequest, HttpResponse, RequestFunction } from '../../src/host.js'
import type { Idp } from '../../src/idp/idp.js'
import { createMemoryHost, runOn } from '../support/memory-host.js'
import { createPerson, type PersonOptions } from './person.js'
import { createWorkspace, openIdp, profileFor } from './workspace.js'

export interface Attempt extends PersonOptions {
  readonly profile?: Readonly<Record<string, unknown>>
  readonly idp?: Idp
  readonly args?: readonly string[]
  readonly signal?: AbortSignal
  /** Changes what the provider answers, on the wire. */
  readonly onAnswer?: (request: HttpRequest, response: HttpResponse) => HttpResponse
}

/** One whole `oidcgw login` with a real listener, a real provider and somebody who signs in. */
export async function attempt({ profile, idp: given, args = [], signal, onAnswer, ...options }: Attempt = {}) {
  const idp = given ?? (await openIdp())
  const work = await createWorkspace({
    profiles: { p: profileFor(idp, 'native', { scope: 'openid email', grant: 'authorization_code', ...profile }) },
  })
  const person = createPerson(options)
  const sent: HttpRequest[] = []
  const base = createMemoryHost({ cwd: work.folder, env: work.env, openBrowser: person.openBrowser, ...(signal && { signal }) })
  const request: RequestFunction = async (asked) => {
    sent.push(asked)
    const response = await base.request(asked)
    return onAnswer ? onAnswer(asked, response) : response
  }
  const exitCode = await runOn({ ...base, request }, ['login', 'p', '--browser', 'test', ...args])
  await person.done().catch(() => undefined)
  const stored = () =>
    work.run('token p --json --no-input').then(({ stdout }) => (stdout ? (JSON.parse(stdout) as Record<string, string>) : undefined))
  return { exitCode, stdout: base.out(), stderr: base.err(), person, sent, stored, idp, work }
}
