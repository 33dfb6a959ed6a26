import { runEveryFourth } from './every-fourth';

runEveryFourth(1);
