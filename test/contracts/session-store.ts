import { randomBytes } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import type { SessionStore } from '../../src/gateway/plugins/openid-connect/session/store.js'

export interface StoreUnderTest {
  readonly store: SessionStore
  /** Lets so many seconds pass, for the store. */
  readonly forward: (seconds: number) => Promise<void>
  /** Another door to the same data: another process would have it. Absent where there is none. */
  readonly second?: () => SessionStore
}

const newKey = () => `session:${randomBytes(32).toString('base64url')}`
const sealed = () => randomBytes(200)

/** What every session store promises. */
export function sessionStoreContract(open: () => Promise<StoreUnderTest>): void {
  const start = async (): Promise<StoreUnderTest> => {
    const made = await open()
    onTestFinished(() => made.store.close())
    return made
  }

  test('gives back, byte for byte, what was saved', async () => {
    const { store } = await start()
    const [one, two] = [sealed(), sealed()]
    const [first, second] = [await store.save(newKey(), one, 60), await store.save(newKey(), two, 60)]
    expect(await store.load(first)).toEqual(one)
    expect(await store.load(second)).toEqual(two)
    expect(first).not.toBe(second)
  })

  test('a handle is the data, or the key', async () => {
    const { store } = await start()
    const key = newKey()
    const data = sealed()
    const handle = await store.save(key, data, 60)
    expect(handle).toBe(store.handles === 'kept' ? key : data.toString('base64url'))
  })

  test('what a server keeps can be destroyed, more than once; another entry stays', async () => {
    const { store } = await start()
    const [doomed, kept] = [await store.save(newKey(), sealed(), 60), await store.save(newKey(), sealed(), 60)]
    await store.destroy(doomed)
    await store.destroy(doomed)
    expect((await store.load(doomed)) === undefined).toBe(store.handles === 'kept')
    expect(await store.load(kept)).toBeDefined()
  })

  test('what a server keeps ends with its TTL, not before', async () => {
    const { store, forward } = await start()
    const [short, long, endless] = [
      await store.save(newKey(), sealed(), 2),
      await store.save(newKey(), sealed(), 3600),
      await store.save(newKey(), sealed(), undefined),
    ]
    expect(await store.load(short)).toBeDefined()
    await forward(2)
    expect((await store.load(short)) === undefined).toBe(store.handles === 'kept')
    expect(await store.load(long)).toBeDefined()
    expect(await store.load(endless)).toBeDefined()
  })

  test('saving under a key again replaces what is there, TTL too', async () => {
    const { store, forward } = await start()
    const [key, newer] = [newKey(), sealed()]
    await store.save(key, sealed(), 2)
    const handle = await store.save(key, newer, 3600)
    await forward(2)
    expect(await store.load(handle)).toEqual(newer)
  })

  test('a lease has one holder; it comes back by release, or by its end', async () => {
    const { store, forward } = await start()
    const name = newKey()
    const lease = await store.acquire(name, 1500)
    expect(lease).toBeDefined()
    expect(await store.acquire(name, 1500)).toBeUndefined()
    expect(await store.acquire(newKey(), 1500)).toBeDefined()
    await lease?.release()
    const next = await store.acquire(name, 1500)
    expect(next).toBeDefined()
    await lease?.release() // the first holder no longer owns it
    expect(await store.acquire(name, 1500)).toBeUndefined()
    await forward(2)
    expect(await store.acquire(name, 1500)).toBeDefined()
  })

  test('parallel callers: exactly one gets the lease', async () => {
    const { store, second } = await start()
    const other = second?.()
    if (other) onTestFinished(() => other.close())
    const name = newKey()
    const leases = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 && other ? other : store).acquire(name, 5000)))
    expect(leases.filter((lease) => lease !== undefined)).toHaveLength(1)
  })

  test('another process sees the same, where there is a server', async () => {
    const { store, second } = await start()
    if (!second) return
    const other = second()
    onTestFinished(() => other.close())
    const data = sealed()
    const handle = await store.save(newKey(), data, 60)
    expect(await other.load(handle)).toEqual(data)
    await other.destroy(handle)
    expect(await store.load(handle)).toBeUndefined()
  })
}
