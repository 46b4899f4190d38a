import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectControl } from '../../src/idp/connect-control.js'
import { startEcho, type Echo } from '../../src/lab/echo.js'
import { labEnvironment } from '../../src/lab/environment.js'
import type { Stage } from '../../src/lab/stage.js'
import { openRoute } from '../../src/lab/stories/documents.js'
import { playStory, STORIES } from '../../src/lab/stories/index.js'
import { createMemoryHost } from '../support/memory-host.js'
import { spawnServer, type Spawned } from '../support/spawned.js'

/** Ids and secrets are ours to choose: both processes get them by environment, as on the Kong page. */
const CLIENTS = {
  m2m: { client_id: 'orders-m2m', client_secret: 'm2m-secret-of-this-test-only-000000' },
  web: { client_id: 'orders-web', client_secret: 'web-secret-of-this-test-only-000000' },
  introspector: { client_id: 'orders-gw', client_secret: 'gw-secret-of-this-test-only-0000000' },
}
const CONTROL_SECRET = 'control-secret-of-this-test-only-000'

describe('provider and gateway as processes of their own', () => {
  const running: { echo?: Echo; idp?: Spawned; gateway?: Spawned } = {}
  let folder: string
  let stage: Stage
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oidcgw-processes-'))
    running.echo = await startEcho()
    running.idp = await spawnServer(['idp', '--port', '0'], {
      OIDCGW_IDP_CLIENT_ID: CLIENTS.web.client_id,
      OIDCGW_IDP_CLIENT_SECRET: CLIENTS.web.client_secret,
      OIDCGW_IDP_M2M_CLIENT_ID: CLIENTS.m2m.client_id,
      OIDCGW_IDP_M2M_CLIENT_SECRET: CLIENTS.m2m.client_secret,
      OIDCGW_IDP_INTROSPECTOR_CLIENT_ID: CLIENTS.introspector.client_id,
      OIDCGW_IDP_INTROSPECTOR_CLIENT_SECRET: CLIENTS.introspector.client_secret,
      OIDCGW_IDP_CONTROL_SECRET: CONTROL_SECRET,
    })
    const issuer = String(running.idp.said['issuer'])
    const facts = { issuer, upstreamUrl: running.echo.url, audience: 'api://oidcgw-lab', clients: CLIENTS }
    await writeFile(join(folder, 'kong.yaml'), openRoute)
    running.gateway = await spawnServer(
      ['gateway', 'run', join(folder, 'kong.yaml'), '--port', '0', '--admin', '0'],
      labEnvironment({ ...facts, sessionSecret: 'session-secret-of-this-test-only-000' }),
    )
    const admin = String(running.gateway.said['admin'])
    const host = createMemoryHost()
    const control = connectControl({ controlUrl: String(running.idp.said['control']), controlSecret: CONTROL_SECRET }, host.request)
    stage = {
      ...facts,
      gatewayUrl: String(running.gateway.said['url']),
      resources: { other: 'urn:oidcgw:other-api', opaque: 'api://opaque' },
      people: { alice: { username: 'alice', password: 'alice-password' }, bob: { username: 'bob', password: 'bob-password' } },
      publish: async (document) => {
        const body = JSON.stringify({ config: document })
        const { status, body: answer } = await host.request({
          method: 'POST',
          url: new URL('/config', admin),
          headers: { 'content-type': 'application/json' },
          body,
        })
        if (status !== 201) throw new Error(`POST /config answered ${status}: ${answer.toString()}`)
      },
      allowRedirect: async (clientId, redirectUri) => control.allowRedirect(clientId, redirectUri),
      deactivate: async (clientId) => control.deactivate(clientId),
      activate: async (clientId) => control.activate(clientId),
      counters: async () => control.counters(),
    }
  }, 60_000)
  afterAll(async () => {
    await Promise.all([running.gateway?.stop(), running.idp?.stop(), running.echo?.close()])
    await rm(folder, { recursive: true, force: true })
  })

  test.for(STORIES)('story $number holds there too', async (story) => {
    const { assertions, held } = await playStory(story, stage, createMemoryHost())
    expect(assertions.filter((assertion) => !assertion.held)).toEqual([])
    expect(held).toBe(true)
  })

  test('a document with errors is refused and the old one keeps serving', async () => {
    await stage.publish(openRoute)
    await expect(stage.publish('_format_version: "3.0"\nservices: 7\n')).rejects.toThrow(/answered 400/)
    expect((await createMemoryHost().request({ method: 'GET', url: new URL('/oidcroute/get', stage.gatewayUrl) })).status).toBe(200)
  })
})
