package domain

// Settings are what an administrator may change while the program runs. They
// hold on every replica and win over the environment.
type Settings struct {
	Paused   bool   `json:"paused"`             // no sync starts by itself; asking for one still works
	Schedule string `json:"schedule,omitempty"` // cron, UTC unless CRON_TZ= stands before it; empty: the environment's
}
