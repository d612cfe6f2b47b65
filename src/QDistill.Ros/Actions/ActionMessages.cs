using QDistill.Msgs.BuiltinInterfaces;
using QDistill.Msgs.UniqueIdentifierMsgs;

namespace QDistill.Ros;

/// <summary>
/// The messages that rosidl derives from an action, generic over its parts: the same bytes, names and hashes as the generated <c>SendGoal</c>, <c>GetResult</c> and
/// <c>FeedbackMessage</c>, for the server and the client, which know the parts only as type arguments.
/// </summary>
internal static class ActionMessages<TAction, TGoal, TResult, TFeedback>
    where TAction : IAction<TGoal, TResult, TFeedback>
    where TGoal : class, IMessage<TGoal>, new()
    where TResult : class, IMessage<TResult>, new()
    where TFeedback : class, IMessage<TFeedback>, new()
{
    public abstract class SendGoal : IService<SendGoalRequest, SendGoalResponse>
    {
        public static ServiceType Type => TAction.Type.SendGoal;
    }

    public abstract class GetResult : IService<GetResultRequest, GetResultResponse>
    {
        public static ServiceType Type => TAction.Type.GetResult;
    }

    public sealed class SendGoalRequest : IMessage<SendGoalRequest>
    {
        public static MessageType Type => TAction.Type.SendGoal.Request;

        public UUID GoalId { get; } = new();

        public TGoal Goal { get; init; } = new();

        public MessageType GetMessageType() => Type;

        public void Read(ref CdrReader reader)
        {
            GoalId.Read(ref reader);
            Goal.Read(ref reader);
        }

        public void Write(ref CdrWriter writer)
        {
            GoalId.Write(ref writer);
            Goal.Write(ref writer);
        }

        public void CopyFrom(SendGoalRequest source)
        {
            GoalId.CopyFrom(source.GoalId);
            Goal.CopyFrom(source.Goal);
        }
    }

    public sealed class SendGoalResponse : IMessage<SendGoalResponse>
    {
        public static MessageType Type => TAction.Type.SendGoal.Response;

        public bool Accepted { get; set; }

        public Time Stamp { get; } = new();

        public MessageType GetMessageType() => Type;

        public void Read(ref CdrReader reader)
        {
            Accepted = reader.ReadBool();
            Stamp.Read(ref reader);
        }

        public void Write(ref CdrWriter writer)
        {
            writer.Write(Accepted);
            Stamp.Write(ref writer);
        }

        public void CopyFrom(SendGoalResponse source)
        {
            Accepted = source.Accepted;
            Stamp.CopyFrom(source.Stamp);
        }
    }

    public sealed class GetResultRequest : IMessage<GetResultRequest>
    {
        public static MessageType Type => TAction.Type.GetResult.Request;

        public UUID GoalId { get; } = new();

        public MessageType GetMessageType() => Type;

        public void Read(ref CdrReader reader) => GoalId.Read(ref reader);

        public void Write(ref CdrWriter writer) => GoalId.Write(ref writer);

        public void CopyFrom(GetResultRequest source) => GoalId.CopyFrom(source.GoalId);
    }

    public sealed class GetResultResponse : IMessage<GetResultResponse>
    {
        public static MessageType Type => TAction.Type.GetResult.Response;

        public sbyte Status { get; set; }

        public TResult Result { get; init; } = new();

        public MessageType GetMessageType() => Type;

        public void Read(ref CdrReader reader)
        {
            Status = reader.ReadSByte();
            Result.Read(ref reader);
        }

        public void Write(ref CdrWriter writer)
        {
            writer.Write(Status);
            Result.Write(ref writer);
        }

        public void CopyFrom(GetResultResponse source)
        {
            Status = source.Status;
            Result.CopyFrom(source.Result);
        }
    }

    public sealed class FeedbackMessage : IMessage<FeedbackMessage>
    {
        public static MessageType Type => TAction.Type.FeedbackMessage;

        public UUID GoalId { get; } = new();

        public TFeedback Feedback { get; init; } = new();

        public MessageType GetMessageType() => Type;

        public void Read(ref CdrReader reader)
        {
            GoalId.Read(ref reader);
            Feedback.Read(ref reader);
        }

        public void Write(ref CdrWriter writer)
        {
            GoalId.Write(ref writer);
            Feedback.Write(ref writer);
        }

        public void CopyFrom(FeedbackMessage source)
        {
            GoalId.CopyFrom(source.GoalId);
            Feedback.CopyFrom(source.Feedback);
        }
    }
}
