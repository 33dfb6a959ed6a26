import { compareAnswerHead, compareChunkedBody, compareRequestHead, type Outcome } from './compare';
import { answerHead, chunkedBody, requestHead } from './messages';
import { mutate } from './mutate';
import { Random } from './random';

/** How many of the messages are changed after they were made. */
const mutatedShare = 0.4;

const made = (random: Random, make: (random: Random) => string) => {
  const text = make(random);
  return random.chance(mutatedShare) ? mutate(random, text) : text;
};

/** One case of each kind, made anew from its seed alone. @throws Difference */
export const kinds: Readonly<Record<string, (seed: number) => Outcome>> = {
  'request heads': (seed) => compareRequestHead(made(new Random(seed), requestHead)),
  'answer heads': (seed) => {
    const random = new Random(seed);
    return compareAnswerHead(made(random, answerHead), random.chance(0.1));
  },
  'chunked bodies': (seed) => {
    const random = new Random(seed);
    const body = made(random, chunkedBody);
    const everywhere = random.chance(0.3);
    const cuts = Array.from(body, (_, at) => at + 1).filter(() => everywhere || random.chance(0.1));
    return compareChunkedBody(body, cuts);
  },
};
