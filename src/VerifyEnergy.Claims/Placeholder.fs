namespace VerifyEnergy.Claims

type internal Placeholder = class end
