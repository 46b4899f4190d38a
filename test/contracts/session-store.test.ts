import { describe } from 'vitest'
import { createCookieStore } from '../../src/gateway/plugins/openid-connect/session/cookie-store.js'
import { createMemoryStore } from '../../src/gateway/plugins/openid-connect/session/memory-store.js'
import { createClock } from '../gateway/openid-connect/session/browser.js'
import { sessionStoreContract } from './session-store.js'

describe.each([
  { name: 'cookie', create: createCookieStore },
  { name: 'memory', create: createMemoryStore },
])('the $name store', ({ create }) => {
  sessionStoreContract(async () => {
    const clock = createClock()
    return { store: create({ now: () => clock.ms }), forward: async (seconds) => clock.forward(seconds) }
  })
})
