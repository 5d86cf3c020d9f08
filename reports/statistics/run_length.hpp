#pragma once

namespace penrig::statistics {

/// Average run lengths of charts of normal values whose mean lies `shift` sigmas from the reference's: how many points
/// until a signal. By Markov chains (Brook and Evans, Biometrika 59 (1972); Lucas and Saccucci, Technometrics 32
/// (1990)).

/// Points beyond +-width sigma.
double shewhart_run_length(double shift = 0, double width = 3);
/// Both sides of a tabular CUSUM that begins at 0.
double cusum_run_length(double allowance, double decision, double shift = 0);
/// EWMA with the limits of its steady state.
double ewma_run_length(double lambda, double width, double shift = 0);

}  // namespace penrig::statistics
