import { expect, test } from 'vitest'
import { startProtected } from '../support/protected-gateway.js'

const introspection = { auth_methods: ['introspection'], client_id: ['demo'], client_secret: ['demo-secret'] }
const status = async (answer: Promise<{ status: number }>) => (await answer).status

async function flood(ask: (token: string) => Promise<{ status: number }>, count: number, name: (index: number) => string): Promise<void> {
  for (let start = 0; start < count; start += 50) {
    const batch = Array.from({ length: 50 }, (_, offset) => status(ask(name(start + offset))))
    expect(new Set(await Promise.all(batch))).toEqual(new Set([401]))
  }
}

test('G-91 garbage does not push valid entries out of a cache, and memory stays bounded', async () => {
  const setup = await startProtected({ config: { ...introspection, cache_ttl_neg: 600 } })
  expect(await status(setup.ask({ bearer: 'valid' }))).toBe(200)
  setup.provider.script('/introspect', { active: false })
  await flood(
    (bearer) => setup.ask({ bearer }),
    20_000,
    (index) => `garbage-${index}`,
  )
  const calls = setup.provider.count('/introspect')
  expect(await status(setup.ask({ bearer: 'valid' }))).toBe(200)
  expect(setup.provider.count('/introspect')).toBe(calls)
})

test('G-86 1,000 tokens with unknown kids lead to one fetch', async () => {
  const setup = await startProtected({ config: { auth_methods: ['bearer'] } })
  expect(await status(setup.ask({ bearer: setup.provider.token() }))).toBe(200)
  setup.clock.pass(31)
  await flood(
    (kid) => setup.ask({ bearer: setup.provider.token({ header: { kid } }) }),
    1_000,
    (index) => `random-${index}`,
  )
  expect(setup.provider.count('/jwks')).toBe(2)
})
