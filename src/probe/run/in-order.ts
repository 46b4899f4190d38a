/** How far a run may get ahead of the oldest result that is not there yet. Bounds what has to be kept. */
const WINDOW = 1024

export interface InOrderOptions<Task, Result> {
  readonly tasks: Iterable<Task>
  /** Tasks at a time. */
  readonly jobs: number
  readonly run: (task: Task) => Promise<Result>
  /** Called in the order of the tasks, whatever finished first. */
  readonly emit: (result: Result, task: Task) => void | Promise<void>
}

/** Runs tasks side by side and hands out their results in order, so that a report is the same from run to run. */
export async function runInOrder<Task, Result>({ tasks, jobs, run, emit }: InOrderOptions<Task, Result>): Promise<void> {
  const iterator = tasks[Symbol.iterator]()
  const waiting = new Map<number, { readonly task: Task; readonly result: Result }>()
  let [started, emitted, emitting] = [0, 0, false]
  let wake: (() => void)[] = []
  const flush = async (): Promise<void> => {
    if (emitting) return
    emitting = true
    for (let next = waiting.get(emitted); next !== undefined; next = waiting.get(emitted)) {
      waiting.delete(emitted++)
      await emit(next.result, next.task)
    }
    emitting = false
    const woken = wake
    wake = []
    for (const resume of woken) resume()
  }
  const worker = async (): Promise<void> => {
    for (;;) {
      while (started - emitted >= WINDOW) await new Promise<void>((resume) => wake.push(resume))
      const { value: task, done } = iterator.next()
      if (done) return
      const index = started++
      const result = await run(task)
      waiting.set(index, { task, result })
      await flush()
    }
  }
  await Promise.all(Array.from({ length: jobs }, worker))
  await flush()
}
