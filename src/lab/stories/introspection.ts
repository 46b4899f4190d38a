import type { Scene } from '../scene.js'
import { introspection } from './documents.js'
import { fetchToken, get } from './moves.js'
import type { Story } from './story.js'

/** Part 3: the gateway asks the provider about each token; the application is deactivated; who notices, and when. */
export const introspectionStory: Story = {
  number: 3,
  name: 'introspection',
  title: 'Introspection notices a deactivated application; a signature check does not',
  async play(scene) {
    for (const [introspector, who] of [
      ['INTROSPECTOR', 'an application of its own'],
      ['M2M', 'the same application'],
    ] as const) {
      scene.chapter(`The gateway introspects as ${who}`)
      await scene.stage.publish(introspection(introspector))
      await playVariant(scene, introspector === 'M2M')
    }
  },
}

async function playVariant(scene: Scene, sameApplication: boolean): Promise<void> {
  const { stage } = scene
  const { client_id } = stage.clients.m2m
  const tokens = {
    JWT: await fetchToken(scene, 'm2m', { scope: 'api.read' }),
    opaque: await fetchToken(scene, 'm2m', { scope: 'api.read', resource: stage.resources.opaque }),
  }
  const status = async (path: string, token: string | undefined): Promise<number> =>
    (await get(scene, path, token === undefined ? {} : { authorization: `Bearer ${token}` })).status
  const counted = async (action: () => Promise<unknown>): Promise<number> => {
    const before = (await stage.counters())['introspection'] ?? 0
    await action()
    return ((await stage.counters())['introspection'] ?? 0) - before
  }

  scene.expect('without a token: 401', await status('/oidcroute/get', undefined), 401)
  for (const [kind, token] of Object.entries(tokens)) {
    scene.expect(`an active ${kind} token: 200`, await status('/oidcroute/get', token), 200)
    const calls = await counted(async () => {
      for (let request = 0; request < 3; request++) await get(scene, '/oidcroute/get', { authorization: `Bearer ${token}` })
    })
    scene.expect(`three requests with the ${kind} token make three introspection calls`, calls, 3)
  }
  const warm = await counted(async () => {
    for (let request = 0; request < 3; request++) await get(scene, '/cached/get', { authorization: `Bearer ${tokens.opaque}` })
  })
  scene.expect('with the cache on, three requests make one call', warm, 1)

  await stage.deactivate(client_id)
  try {
    scene.note(`The application ${client_id} is now deactivated at the provider.`)
    for (const [kind, token] of Object.entries(tokens)) {
      scene.expect(`the ${kind} token on the next request: 401`, await status('/oidcroute/get', token), 401)
    }
    if (stage.traces) {
      const expected = sameApplication ? 'introspection_failed' : 'token_inactive'
      scene.expect('and the gateway knows why', stage.traces().at(-1)?.reason, expected)
    }
    scene.expect('the cached answer still lets it in, until its time is up', await status('/cached/get', tokens.opaque), 200)
    scene.expect('a route that only checks signatures notices nothing: 200', await status('/signature/get', tokens.JWT), 200)
    if (stage.shiftGatewayClock) {
      stage.shiftGatewayClock(61)
      scene.expect('a minute later the cached answer is gone: 401', await status('/cached/get', tokens.opaque), 401)
      stage.shiftGatewayClock(0)
    }
  } finally {
    await stage.activate(client_id)
  }
  scene.expect('activated again: 200', await status('/oidcroute/get', tokens.JWT), 200)
}
