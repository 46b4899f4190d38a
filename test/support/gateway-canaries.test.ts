import { describe, expect, test } from 'vitest'
import type { ExchangeTrace } from '../../src/trace/trace.js'
import { Canaries } from './canaries.js'
import { addAnswer, addAsk, addDocument, addProvider, expectSilentGateway } from './gateway-canaries.js'

const OPAQUE = 'mF_9.B5f-4.1JqM'

describe('a gateway', () => {
  const trace = (path: string): ExchangeTrace => ({ id: '1', at: 0, method: 'GET', path, status: 200, durationMs: 1, steps: [] })
  const knowing = (add: (canaries: Canaries) => void): Canaries => {
    const canaries = new Canaries()
    add(canaries)
    return canaries
  }

  const FROM: readonly { readonly name: string; readonly add: (canaries: Canaries) => void }[] = [
    { name: 'its document', add: (canaries) => addDocument(canaries, { '/a': [{ config: { client_secret: [OPAQUE] } }] }) },
    { name: 'a bearer token', add: (canaries) => addAsk(canaries, { bearer: OPAQUE }) },
    { name: 'Basic credentials', add: (canaries) => addAsk(canaries, { basic: `demo:${OPAQUE}` }) },
    { name: 'a cookie', add: (canaries) => addAsk(canaries, { headers: { cookie: `theme=dark; session=${OPAQUE}` } }) },
    { name: 'a raw header', add: (canaries) => addAsk(canaries, { rawHeaders: ['Authorization', `Bearer ${OPAQUE}`] }) },
    { name: 'a query', add: (canaries) => addAsk(canaries, { path: `/cb?code=${OPAQUE}` }) },
    { name: 'a form', add: (canaries) => addAsk(canaries, { body: `refresh_token=${OPAQUE}` }) },
    { name: 'an answer', add: (canaries) => addAnswer(canaries, { headers: { 'set-cookie': [`session=${OPAQUE}; Path=/`] } }) },
    { name: 'its provider', add: (canaries) => addProvider(canaries, { answers: [`{"access_token":"${OPAQUE}"}`] }) },
    { name: 'an account', add: (canaries) => addProvider(canaries, { accounts: [{ password: OPAQUE }] as never }) },
  ]
  test.for(FROM)('knows the secret of $name', ({ add }) => {
    const leaky = { traces: [trace(`/${OPAQUE}`)] }
    expect(() => expectSilentGateway(knowing(add), leaky, [])).toThrow(/^trace shows a /)
    expect(() => expectSilentGateway(knowing(add), { traces: [] }, [`info it was ${OPAQUE}`])).toThrow(/^log shows a /)
    expect(() => expectSilentGateway(knowing(add), { traces: [trace('/')] }, ['info loading tokens'])).not.toThrow()
  })

  test('a cookie whose value stands in its own path is an address', () => {
    const headers = { 'set-cookie': [`_interaction=${OPAQUE}; path=/login/${OPAQUE}`] }
    const canaries = knowing((known) => addAnswer(known, { headers }))
    expect(() => expectSilentGateway(canaries, { traces: [trace(`/login/${OPAQUE}`)] }, [])).not.toThrow()
  })
})
