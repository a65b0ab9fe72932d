package rules

import "tenthcup/pos"

// What Ask.Code says of a ChangePlan.
const (
	PlanJoin   = "join" // or renew
	PlanPause  = "pause"
	PlanResume = "resume"
	PlanCancel = "cancel"
)

// ChangePlan decides what becomes of a paid membership: ask.Event is the plan's id,
// and ask.Code says what.
func ChangePlan(p *pos.Program, ask Ask) (Decision, error) {
	switch ask.Code {
	case PlanJoin:
		return JoinPlan(p, ask, ask.Event)
	case PlanPause:
		return PausePlan(p, ask, ask.Event)
	case PlanResume:
		return ResumePlan(p, ask, ask.Event)
	case PlanCancel:
		return CancelPlan(p, ask, ask.Event)
	}
	return Decision{}, pos.Refuse("plan.unknown", "plan", pos.CleanName(ask.Event))
}
