import { runEveryFourth } from './every-fourth';

runEveryFourth(2);
