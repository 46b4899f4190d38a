import { describe, expect, test } from 'vitest'
import { driveForm } from '../../src/client/form-driver.js'
import { createMemoryStore } from '../../src/client/store/memory-store.js'
import { obtainSession } from '../../src/client/session.js'
import type { Idp } from '../../src/idp/idp.js'
import type { Profile } from '../../src/profile/profile.js'
import { createMemoryHost } from '../support/memory-host.js'
import { openIdp } from './workspace.js'

const profileOf = (idp: Idp): Profile => ({
  name: 'tv',
  issuer: idp.issuer,
  grant: 'urn:ietf:params:oauth:grant-type:device_code',
  client: { id: 'native', auth: 'none' },
  scope: 'openid',
})

/** Runs the grant with a clock of our own: each pause moves it. `onPause` may do what somebody does meanwhile. */
async function device(idp: Idp, onPause: (n: number, url: URL) => unknown = () => undefined, abortAt = Infinity) {
  const pauses: number[] = []
  const said: string[] = []
  const controller = new AbortController()
  let url = new URL('http://127.0.0.1/')
  let clock = Date.now()
  const host = createMemoryHost({
    now: () => new Date(clock),
    openBrowser: async (text) => void (url = new URL(text)),
    signal: controller.signal,
  })
  const pause = async (ms: number): Promise<void> => {
    pauses.push(ms / 1000)
    clock += ms
    if (pauses.length >= abortAt) controller.abort()
    await onPause(pauses.length, url)
  }
  const options = { tokens: createMemoryStore(), browser: 'test', pause, say: (line: string) => void said.push(line) }
  const result = obtainSession(profileOf(idp), host, options)
  return {
    pauses,
    said,
    result: await result.then(
      ({ tokens }) => ({ tokens }),
      (error: unknown) => ({ error }),
    ),
  }
}

const visit = (url: URL, password: string) =>
  // The device page ends without a redirect: that is where the driver stops.
  driveForm(url, new URL('http://127.0.0.1/never'), createMemoryHost(), { username: 'alice', password }).catch(() => undefined)

describe('device authorization (RFC 8628)', () => {
  test('says where to go and which code to enter, and polls until somebody has', async () => {
    const idp = await openIdp({ settings: { deviceIntervalSeconds: 1 } })
    const pending = { endpoint: 'token', status: 400, body: { error: 'authorization_pending' } } as const
    idp.fault(pending)
    const { result, said, pauses } = await device(idp, (n, url) => (n === 2 ? visit(url, 'alice-password') : undefined))
    expect(result).toMatchObject({ tokens: { id_token: expect.any(String) as string } })
    expect(said.join('\n')).toMatch(/On any device go to http\S+\/activate and enter the code [A-Z]{4}-[A-Z]{4}\nor open http/)
    expect(pauses).toEqual([1, 1])
  })

  test('slow_down adds five seconds, for good (§3.5)', async () => {
    const idp = await openIdp({ settings: { deviceIntervalSeconds: 1 } })
    for (const error of ['slow_down', 'authorization_pending', 'slow_down', 'access_denied'])
      idp.fault({ endpoint: 'token', status: 400, body: { error } })
    const { result, pauses } = await device(idp)
    expect(pauses).toEqual([1, 6, 6, 11])
    expect(result).toMatchObject({ error: { code: 'ERR_LOGIN_DENIED', message: expect.stringContaining('refused') as string } })
  })

  test('a code that expires is a timeout, by our clock and by the provider’s word', async () => {
    const idp = await openIdp({ settings: { deviceIntervalSeconds: 5, deviceCodeTtlSeconds: 12 } })
    idp.fault({ endpoint: 'token', status: 400, body: { error: 'authorization_pending' }, times: 0 })
    const own = await device(idp)
    expect(own).toMatchObject({ pauses: [5, 5, 5], result: { error: { code: 'ERR_LOGIN_TIMEOUT' } } })
    idp.clearFaults()
    idp.fault({ endpoint: 'token', status: 400, body: { error: 'expired_token' } })
    expect(await device(idp)).toMatchObject({
      pauses: [5],
      result: { error: { code: 'ERR_LOGIN_TIMEOUT', message: expect.stringContaining('has expired') as string } },
    })
  })

  test('Ctrl-C ends it', async () => {
    const idp = await openIdp({ settings: { deviceIntervalSeconds: 1 } })
    expect(await device(idp, undefined, 1)).toMatchObject({ result: { error: { code: 'ERR_ABORTED' } } })
  })

  test('a client that may not is refused', async () => {
    const idp = await openIdp({ applications: { native: { grant_types: ['authorization_code'] } } })
    expect(await device(idp)).toMatchObject({
      result: { error: { code: 'ERR_GRANT_REFUSED', message: expect.stringContaining('device authorization') as string } },
    })
  })
})
