import { describe, expect, onTestFinished, test } from 'vitest'
import { startAdmin } from '../../../src/gateway/admin/admin.js'
import { loadKongDocument } from '../../../src/kong/document.js'
import { startProtected, type Answer } from '../../support/protected-gateway.js'
import { PUBLISHED_ROWS, type PublishedRow } from './field-rows/published.js'

const load = (text: string) => loadKongDocument([{ file: 'kong.yaml', text }], { env: {} })

/** Kong refuses some configurations as a whole: `POST /config` is 400 then, and the old document keeps serving (section 8.7). */
describe('fields that decide whether a document is taken', () => {
  const play = async ({ asks, observe }: PublishedRow, fields: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const { gateway, provider, ask } = await startProtected()
    const [service] = gateway.config.services
    const config = { issuer: provider.issuer, ...fields }
    const text = JSON.stringify({
      _format_version: '3.0',
      services: [{ name: 'echo', url: `http://${service?.host}:${service?.port}`, routes: [{ name: 'all', paths: ['/'] }] }],
      plugins: [{ name: 'openid-connect', config }],
    })
    const admin = await startAdmin({ gateway, port: 0, load, text: '', plugins: [] })
    onTestFinished(() => admin.close())
    const published = await fetch(`${admin.url}/config`, { method: 'POST', body: text, headers: { 'content-type': 'application/json' } })
    const answers: Answer[] = []
    if (published.ok) for (const one of asks) answers.push(await ask(typeof one === 'function' ? one(provider, answers, gateway.url) : one))
    return observe({ status: published.status, body: await published.text() }, answers)
  }

  test.for(PUBLISHED_ROWS)('$field', async (row) => {
    const observed = { default: await play(row, row.base), changed: await play(row, { ...row.base, ...row.set }) }
    expect(observed).toEqual({ default: row.default, changed: row.changed })
    expect(row.changed, 'a row must tell the setting from the default').not.toEqual(row.default)
  })
})
