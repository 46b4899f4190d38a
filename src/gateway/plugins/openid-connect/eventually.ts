import type { Eventually } from './types.js'

/** What follows an answer: at once when it is there, else when it has come. */
export const after = <Answer, Next>(answer: Eventually<Answer>, next: (answer: Answer) => Eventually<Next>): Eventually<Next> =>
  answer instanceof Promise ? answer.then(next) : next(answer)
