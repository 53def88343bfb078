import type { SHED_STEPS } from '@/lib/wire/system-pages.ts';

type ShedStep = (typeof SHED_STEPS)[number];

/** What each step of giving memory back is called, and what it does to those who are connected. */
export const SHED_SENTENCES: Readonly<Record<ShedStep, { title: string; now: string; means: string }>> = {
  none: { title: 'Nothing', now: 'nothing is given back', means: 'Memory is below its soft limit.' },
  'refuse-new': {
    title: 'Refuse new connections',
    now: 'new connections are refused',
    means: 'Those who come are told when to come again; those who are here notice nothing.',
  },
  'shorten-rings': {
    title: 'Shorten the rings',
    now: 'the ring of newest events is shortened',
    means: 'Readers who fall behind are served from the history sooner, which is slower.',
  },
  'lengthen-frames': {
    title: 'Lengthen the frames',
    now: 'frames are sent less often',
    means: 'Events reach the screens later, in larger bundles; none is left out.',
  },
};
