import { createRequire } from 'node:module'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startLab } from '../../src/lab/lab.js'
import { playStory, STORIES } from '../../src/lab/stories/index.js'
import { toMermaid } from '../../src/render/sequence-diagram.js'
import { createMemoryHost } from '../support/memory-host.js'
import { launchChromium } from '../support/chromium.js'
import { describeWithPrograms } from '../support/programs.js'

/** The calls each tutorial draws, in its order. Others may stand between them. */
const SEQUENCES: Record<number, readonly RegExp[]> = {
  1: [
    /client->>gateway: GET \/oidcroute\/get/,
    /gateway->>idp: POST \/v1\/token/,
    /gateway->>upstream: GET \/get/,
    /upstream-->>gateway: 200/,
    /gateway-->>client: 200/,
  ],
  2: [
    /browser->>gateway: GET \/oidcroute\/get/,
    /gateway-->>browser: 302/,
    /browser->>idp: GET \/v1\/authorize/,
    /browser->>idp: POST /,
    /browser->>gateway: GET \/oidcroute\/get\?.*code/,
    /gateway->>idp: POST \/v1\/token/,
    /gateway->>upstream: GET \/get/,
    /gateway-->>browser: 200/,
  ],
  3: [
    /client->>gateway: GET \/oidcroute\/get/,
    /gateway->>idp: POST \/v1\/introspect/,
    /gateway->>upstream: GET \/get/,
    /Note over gateway: .*token_inactive/,
    /gateway-->>client: 401/,
  ],
  4: [
    /Note over gateway: groups_required: pass/,
    /gateway-->>client: 200/,
    /Note over gateway: groups_required: fail/,
    /gateway-->>client: 403/,
    /Note over gateway: acl: fail/,
  ],
}

describeWithPrograms('the stories’ diagrams', ['chromium'], () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launchChromium()
  })
  afterAll(() => browser.close())

  const judge = async (text: string): Promise<string> => {
    const page = await browser.newPage()
    await page.addScriptTag({ path: createRequire(import.meta.url).resolve('mermaid/dist/mermaid.min.js') })
    const verdict = await page.evaluate(async (diagram) => {
      const { mermaid } = globalThis as unknown as { mermaid: { parse(text: string): Promise<{ diagramType: string }> } }
      return mermaid.parse(diagram).then(
        ({ diagramType }) => diagramType,
        (error: Error) => error.message,
      )
    }, text)
    await page.close()
    return verdict
  }

  test.for(STORIES)('story $number is a valid Mermaid document and matches the tutorial’s sequence', async (story) => {
    const lab = await startLab()
    const { steps } = await playStory(story, lab, createMemoryHost()).finally(() => lab.close())
    const text = toMermaid(steps, { title: `Story ${story.number}` })
    expect(await judge(text)).toBe('sequence')
    let from = 0
    for (const expected of SEQUENCES[story.number] ?? []) {
      const at = text.slice(from).search(expected)
      expect(at, `${String(expected)} after character ${from}`).toBeGreaterThanOrEqual(0)
      from += at + 1
    }
  })

  test('Mermaid does refuse what is no diagram', async () => {
    expect(await judge('sequenceDiagram\n  client->>>gateway GET')).toMatch(/Parse error/)
  })
})
